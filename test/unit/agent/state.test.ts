import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentState, loadState, saveState } from '../../../src/agent/state.ts';

const lease = { id: 'database/creds/x/1', seconds: 60, renewable: true };
const term = { expiresAt: 1_795_000_060, dueAt: 1_795_000_040 };
const endless = { expiresAt: undefined, dueAt: undefined };
const session = { token: 'hvs.x', accessor: 'a', renewable: true, seconds: 3600, ...term };
const state: AgentState = {
  digest: 'd',
  session,
  credentials: [
    { name: 'db', data: { username: 'u' }, lease, ...term },
    { name: 'kv', data: { a: [1, null] }, lease: undefined, ...endless },
  ],
  identities: [{ file: 'id.jwt', jwt: 'a.b.c', ...term }],
  retired: [{ token: 'hvs.old', expiresAt: 1_795_000_000, waitsFor: ['db'], revokeAt: undefined }],
  placed: { set: '..2026_11_24_12_00_00.1', files: 'f', env: 'e' },
};
const empty: AgentState = {
  digest: 'd',
  session: undefined,
  credentials: [],
  identities: [],
  retired: [],
  placed: undefined,
};

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-state-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('the state', () => {
  it.each<[string, AgentState]>([
    ['whole', state],
    ['without anything', empty],
    ['of a pod without files', { ...state, placed: { set: undefined, files: 'f', env: 'e' } }],
    [
      'of a token without end or accessor',
      {
        ...state,
        session: { token: 't', accessor: undefined, renewable: false, seconds: 0, ...endless },
      },
    ],
  ])('comes back %s', async (_, saved) => {
    await saveState(dir, saved);
    await expect(loadState(dir, 'd')).resolves.toEqual(saved);
  });

  it('is for the user of the agent alone, and one file', async () => {
    await saveState(dir, state);
    await saveState(dir, state);

    expect((await stat(join(dir, 'state.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(dir)).toEqual(['state.json']);
  });

  it('of another configuration does not count', async () => {
    await saveState(dir, state);
    await expect(loadState(dir, 'other')).resolves.toBeUndefined();
  });

  it.each(['', '{', 'null', '[]', '{"version":1,"digest":"d"}', '{"version":2}'])(
    'reads %j as none',
    async (text) => {
      await writeFile(join(dir, 'state.json'), text);
      await expect(loadState(dir, 'd')).resolves.toBeUndefined();
    },
  );

  it('that is not there is none', async () => {
    await expect(loadState(dir, 'd')).resolves.toBeUndefined();
  });

  it.each<[string, object]>([
    ['a token that is none', { session: { ...session, token: 'a b' } }],
    ['a session without its length', { session: { token: 't' } }],
    ['an end that is no time', { session: { ...session, expiresAt: 'soon' } }],
    ['a lease without an id', { credentials: [{ name: 'db', data: {}, lease: { seconds: 1 }, ...term }] }],
    ['a credential of nothing', { credentials: [{ name: 'db', lease, ...term }, 7] }],
    ['a signed token of nothing', { identities: [{ file: 'id.jwt' }, null] }],
    ['a retired token that is none', { retired: [{ token: '' }, { token: 't', revokeAt: 'soon' }] }],
    ['a set without a digest', { placed: { set: '..2026' } }],
  ])('leaves out %s', async (_, part) => {
    await writeFile(join(dir, 'state.json'), JSON.stringify({ version: 2, digest: 'd', ...part }));
    await expect(loadState(dir, 'd')).resolves.toEqual(empty);
  });

  it('that can not be saved is an error of files, and the one before stays', async () => {
    await saveState(dir, state);
    const before = await readFile(join(dir, 'state.json'), 'utf8');

    await expect(saveState(join(dir, 'none'), state)).rejects.toMatchObject({ code: 'ERR_AGENT_FILES' });

    await expect(readFile(join(dir, 'state.json'), 'utf8')).resolves.toBe(before);
  });
});
