import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentConfig, AgentFile } from '../../../src/core/inject/agent-config.ts';
import { credential } from '../../support/agent.ts';
import { furnish, role, sidecarConfig } from '../../support/agent-openbao.ts';
import { newPod, type Pod } from '../../support/agent-process.ts';
import { type OpenBao, startOpenBao } from '../../support/openbao.ts';
import { enableJwt, type JwtMount } from '../../support/openbao-jwt.ts';

/** Values that the volumes of a pod can't hold. */

const KiB = 1024;
const large = credential('large', { path: 'secret/data/shop/large', kv2: true, refreshSeconds: 1 });

let bao: OpenBao;
let jwt: JwtMount;
let pod: Pod;

beforeAll(async () => {
  bao = await startOpenBao({ tls: false });
  jwt = await enableJwt(bao);
  await furnish(bao);
  await role(bao, 'long', '1h', '10h');
});
afterAll(() => bao?.stop());
beforeEach(async () => {
  pod = await newPod(await jwt.sign());
});
afterEach(() => pod.remove());

function file(name: string): AgentFile {
  return { file: name, content: { kind: 'field', credential: 'large', field: 'value' } };
}

function config(changes: Partial<AgentConfig>): AgentConfig {
  return sidecarConfig(bao, 'long', {
    credentials: [large],
    files: [file('value')],
    token: false,
    ...changes,
  });
}

async function store(bytes: number): Promise<void> {
  await bao.call('POST', 'secret/data/shop/large', { data: { value: 'x'.repeat(bytes) } });
}

const variable = {
  variable: 'VALUE',
  value: { kind: 'field', credential: 'large', field: 'value', base64: false },
} as const;

describe('a value that is too large', () => {
  it.each<[string, number, Partial<AgentConfig>, string]>([
    [
      'for a credential',
      1024 * KiB,
      {},
      'countersign.dev/credential.large: secret/data/shop/large: its fields are larger than 1024 KiB',
    ],
    [
      'for a set of files, with the others',
      900 * KiB,
      { files: ['a', 'b', 'c'].map(file) },
      'countersign.dev/file.a: all files together are larger than 2048 KiB, and this one is the largest',
    ],
    [
      'for a variable',
      33 * KiB,
      { env: [variable] },
      'countersign.dev/env.VALUE: large.value is larger than the 32 KiB of a variable: use file.*',
    ],
  ])('%s is refused in one line, and nothing is written', async (_, bytes, changes, cause) => {
    await store(bytes);

    const ended = await pod.run(config(changes), { COUNTERSIGN_GIVE_UP_SECONDS: '1' });

    expect(ended.code).toBe(14);
    expect(ended.termination).toMatch(/^countersign gave up after \d s: /);
    expect(ended.termination.replace(/^.*? s: /, '')).toBe(cause);
    expect(ended.stderr).toBe(`${ended.termination}\n`);
    expect(await readdir(pod.filesDir)).toEqual([]);
    expect(await readdir(dirname(pod.envFile))).toEqual([]);
  });

  it('as large as it may be is written', async () => {
    await store(1023 * KiB);

    expect(await pod.run(config({}))).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(join(pod.filesDir, 'value'), 'utf8')).toHaveLength(1023 * KiB);
  });

  it('is not swapped in by the sidecar, which keeps what is there until there is one that fits', async () => {
    await store(10);
    await pod.run(config({}));
    const { child, ended } = pod.sidecar(config({}));
    const said = new Promise<string>((resolve) => {
      child.stdout?.on('data', (chunk) => {
        if (String(chunk).includes('larger than')) resolve(String(chunk));
      });
    });
    await store(1024 * KiB);

    expect(await said).toContain('countersign.dev/credential.large: secret/data/shop/large: its fields are');
    const length = async () => (await readFile(join(pod.filesDir, 'value'), 'utf8')).length;
    expect(await length()).toBe(10);
    await store(20);
    await expect.poll(length, { timeout: 15_000 }).toBe(20);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, termination: '' });
  });
});
