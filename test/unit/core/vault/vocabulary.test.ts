import { describe, expect, it } from 'vitest';
import { parsePattern } from '../../../../src/core/vault/pattern.ts';
import { freshWord, vocabularyOf } from '../../../../src/core/vault/vocabulary.ts';

const of = (...patterns: readonly string[]) => vocabularyOf(patterns.map(parsePattern));

describe('the word that no pattern knows is', () => {
  it.each([
    ['x', [], []],
    ['x', ['kv/ax', 'kv/xa', 'kv/xx'], ['kv/+']],
    ['y', ['kv/x'], []],
    ['y', ['kv/a*', 'kv/ax'], []],
    ['y', ['kv/ax'], ['kv/a*']],
    ['y', ['kv/a*'], ['kv/+/ax/b']],
    ['z', ['kv/x'], ['kv/y*']],
    ['¡', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'.split(''), []],
  ])('%s for %j and %j', (want, known, more) => {
    expect(freshWord(of(...known), of(...more))).toBe(want);
    expect(freshWord(of(...more), of(...known))).toBe(want);
  });

  it('never half a character', () => {
    expect([...of('kv/a*', 'kv/a😀').taken]).toContain('😀');
  });
});
