import { describe, expect, it } from 'vitest';
import { rememberingParsers } from '../../../src/admit/parsers.ts';

const ASKS = {
  'countersign.dev/inject': 'true',
  'countersign.dev/credential.db': 'database/creds/x',
  'countersign.dev/file.db': 'db',
};

describe('parsers with a memory', () => {
  it('parse the same annotations once, whatever others stand beside them', () => {
    const { injection } = rememberingParsers();
    expect(injection({ ...ASKS, 'other.example/at': '2' })).toBe(injection({ ...ASKS }));
    expect(injection({ ...ASKS, 'countersign.dev/token': 'file' })).not.toBe(injection(ASKS));
  });

  it('forget what was asked for longest ago once there is more than they may keep', () => {
    const { scopes } = rememberingParsers({ entries: 2, characters: 1000 });
    const [first, second] = [scopes('get pods'), scopes('get nodes')];
    expect(scopes('get pods')).toBe(first);
    scopes('get secrets');
    expect(scopes('get pods')).toBe(first);
    expect(scopes('get nodes')).not.toBe(second);
  });

  it('forget once the texts together are too long', () => {
    const { scopes } = rememberingParsers({ entries: 100, characters: 160 });
    const first = scopes('get pods');
    const others = Array.from({ length: 20 }, (_, at) => `get pod${at}s`);
    for (const other of others) scopes(other);
    expect(scopes('get pods')).not.toBe(first);
  });

  it('keep nothing of a text that would leave no room for others', () => {
    const { scopes } = rememberingParsers({ entries: 100, characters: 160 });
    const [first, long] = [scopes('get pods'), scopes('get secrets')];
    expect(scopes('get secrets')).not.toBe(long);
    expect(scopes('get pods')).toBe(first);
  });
});
