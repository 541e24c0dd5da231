import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyState } from '../../../src/agent/change.ts';
import { prepare } from '../../../src/agent/outputs.ts';
import { loadState, saveState } from '../../../src/agent/state.ts';
import { agentConfig } from '../../support/agent.ts';

const MiB = 1024 * 1024;
const endless = { expiresAt: undefined, dueAt: undefined };

function fetched(name: string, bytes: number) {
  return { name, data: { value: 'x'.repeat(bytes) }, lease: undefined, ...endless };
}

describe('a set of files', () => {
  const large = 'x'.repeat(2 * MiB);
  const session = { accessor: undefined, renewable: false, seconds: 0, ...endless };
  const identity = { role: 'r', scopes: [] };

  it.each([
    ['file.db.json', { token: 't', jwt: 'j', bytes: 2 * MiB }],
    ['identity.id.jwt', { token: 't', jwt: large, bytes: 1 }],
    ['token', { token: large, jwt: 'j', bytes: 1 }],
  ])('that is too large for its volume is refused by its largest file, %s', (name, { token, jwt, bytes }) => {
    const config = agentConfig({ identities: [{ file: 'id.jwt', ...identity }], token: true });
    const prepared = prepare(config, {
      session: { token, ...session },
      credentials: [fetched('db', bytes)],
      identities: [{ file: 'id.jwt', jwt, ...endless }],
    });

    expect(prepared).toEqual({
      failures: [
        {
          kind: 'content',
          where: `countersign.dev/${name}`,
          cause: 'all files together are larger than 2048 KiB, and this one is the largest',
          retryable: false,
        },
      ],
    });
  });

  it.each([
    [512, true],
    [513, false],
  ])('of %i small files fits: %s, since each takes a page', (count, fits) => {
    const files = Array.from({ length: count }, (_, at) => ({
      file: `f${at}`,
      content: { kind: 'all', credential: 'db' } as const,
    }));
    const prepared = prepare(agentConfig({ files }), {
      session: undefined,
      credentials: [fetched('db', 1)],
      identities: [],
    });
    expect('value' in prepared).toBe(fits);
  });
});

describe('the state', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'countersign-room-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('that is too large for its volume is not written, and the largest credential is named', async () => {
    const small = { ...emptyState('d'), credentials: [fetched('a', MiB / 2)] };
    await saveState(dir, small);
    const credentials = ['a', 'b', 'c'].map((name, at) => fetched(name, MiB / 2 + at * 100_000));

    await expect(saveState(dir, { ...small, credentials })).resolves.toBeUndefined();
    await expect(
      saveState(dir, { ...small, credentials: [...credentials, fetched('d', 300_000)] }),
    ).rejects.toMatchObject({
      code: 'ERR_AGENT_FILES',
      message:
        'all credentials together are larger than 2048 KiB, and countersign.dev/credential.c is the largest',
    });
    expect((await loadState(dir, 'd'))?.credentials).toEqual(credentials);
    expect(await readdir(dir)).toEqual(['state.json']);
  });

  it('that can not take its place leaves no half of a file', async () => {
    await mkdir(join(dir, 'state.json'));

    await expect(saveState(dir, emptyState('d'))).rejects.toMatchObject({ code: 'ERR_AGENT_FILES' });
    expect(await readdir(dir)).toEqual(['state.json']);
  });
});
