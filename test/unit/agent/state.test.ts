import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentState, loadState, saveState } from '../../../src/agent/state.ts';

const lease = { id: 'database/creds/x/1', seconds: 60, renewable: true, expiresAt: 1_795_000_060 };
const state: AgentState = {
  digest: 'd',
  session: { token: 'hvs.x', accessor: 'a', renewable: true, expiresAt: 1_795_000_000 },
  leased: [{ name: 'db', data: { username: 'u' }, lease }],
  set: '..2026_11_24_12_00_00.1',
};

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-state-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('the state', () => {
  it.each<[string, AgentState]>([
    ['whole', state],
    ['without a session', { ...state, session: undefined, leased: [] }],
    [
      'of a token without end or accessor',
      { ...state, session: { token: 't', accessor: undefined, renewable: false, expiresAt: undefined } },
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

  it.each(['', '{', 'null', '[]', '{"version":2,"digest":"d"}', '{"version":1}'])(
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
    ['a token that is none', { session: { token: 'a b' } }],
    ['an end that is no time', { session: { token: 't', expiresAt: 'soon' } }],
    ['a lease without an id', { leased: [{ name: 'db', data: {}, lease: { seconds: 1, expiresAt: 1 } }] }],
    ['a lease of nothing', { leased: [{ name: 'db', lease }, 7] }],
  ])('leaves out %s', async (_, part) => {
    await writeFile(join(dir, 'state.json'), JSON.stringify({ version: 1, digest: 'd', ...part }));
    await expect(loadState(dir, 'd')).resolves.toEqual({
      digest: 'd',
      session: undefined,
      leased: [],
      set: undefined,
    });
  });

  it('that can not be saved is an error of files, and the one before stays', async () => {
    await saveState(dir, state);
    const before = await readFile(join(dir, 'state.json'), 'utf8');

    await expect(saveState(join(dir, 'none'), state)).rejects.toMatchObject({ code: 'ERR_AGENT_FILES' });

    await expect(readFile(join(dir, 'state.json'), 'utf8')).resolves.toBe(before);
  });
});
