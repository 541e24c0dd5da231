import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentConfig } from '../../../src/core/inject/agent-config.ts';
import { agentConfig, credential, jwt } from '../../support/agent.ts';
import { newPod, type Pod } from '../../support/agent-process.ts';
import {
  type Asked,
  answer,
  type Behaviour,
  type FakeVault,
  startFakeVault,
} from '../../support/fake-vault.ts';

const token = 'hvs.token-of-the-workload-0123456789';
const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function fake(behave: (asked: Asked, count: number) => Behaviour): Promise<FakeVault> {
  const vault = await startFakeVault(behave);
  ends.push(() => vault.stop());
  return vault;
}

async function podAt(vault: FakeVault, changes: Partial<AgentConfig> = {}): Promise<[Pod, AgentConfig]> {
  const pod = await newPod(jwt);
  ends.push(() => pod.remove());
  const config = agentConfig({ credentials: [credential('db', { refreshSeconds: 1 })], ...changes });
  return [pod, { ...config, vault: { ...config.vault, address: vault.address } }];
}

function working({ url }: Asked, word: string): Behaviour {
  if (url.endsWith('/login')) {
    return answer({ auth: { client_token: token, lease_duration: 3600, renewable: true } });
  }
  if (url.endsWith('/revoke-self')) return answer({}, 204);
  if (url.endsWith('/lookup-self')) return answer({ data: { ttl: 3000, renewable: true } });
  return answer({ data: { word } });
}

async function until(met: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await met())) {
    if (Date.now() > end) throw new Error('it did not come to that within 30 s');
    await sleep(20);
  }
}

describe('a Vault that fails later', () => {
  it.each<[string, Behaviour, number?]>([
    ['hangs up', { kind: 'hang-up' }],
    ['closes in the middle of a body', { kind: 'cut' }],
    ['is sealed', answer({ errors: ['Vault is sealed'] }, 503)],
    ['refuses', answer({ errors: ['permission denied'] }, 403)],
    ['is busy and asks for a second', answer({ errors: ['busy'] }, 429, { 'retry-after': '1' })],
    ['answers nonsense', { kind: 'text', status: 200, body: '<html>' }],
    ['never ends its answer', { kind: 'stall' }, 1],
    ['says nothing', { kind: 'silence' }, 1],
  ])(
    'and %s costs no file, and no restart',
    async (_, behaviour, times = 2) => {
      let state: 'good' | 'bad' | 'mended' = 'good';
      let failed = 0;
      const vault = await fake((asked) => {
        // A no to the secret; the token itself is as good as before.
        if (state !== 'bad' || asked.url.endsWith('/lookup-self')) return working(asked, state);
        failed += 1;
        return behaviour;
      });
      const [pod, config] = await podAt(vault);
      const file = () => readFile(join(pod.filesDir, 'db.json'), 'utf8');
      expect((await pod.run(config)).code).toBe(0);
      state = 'bad';
      const { child, ended } = pod.sidecar(config);

      await until(() => failed >= times);
      expect(child.exitCode).toBeNull();
      expect(await file()).toBe('{"word":"good"}');
      state = 'mended';
      await until(async () => (await file()) === '{"word":"mended"}');

      child.kill('SIGTERM');
      const { code, ...said } = await ended;
      expect(code).toBe(0);
      expect(said.termination).toBe('');
      expect(JSON.stringify(said)).not.toMatch(/hvs\.|eyJ|"word"|good|mended/);
      expect(vault.asked.filter(({ url }) => url.endsWith('/login'))).toHaveLength(1);
    },
    60_000,
  );

  it('and redirects gets no token sent anywhere else', async () => {
    let bad = false;
    const elsewhere = await fake((asked) => working(asked, 'elsewhere'));
    const vault = await fake((asked) =>
      bad ? answer({}, 307, { location: `${elsewhere.address}${asked.url}` }) : working(asked, 'good'),
    );
    const [pod, config] = await podAt(vault);
    await pod.run(config);
    bad = true;
    const before = vault.asked.length;
    const { child, ended } = pod.sidecar(config);
    await until(() => vault.asked.length >= before + 3);

    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).toContain('vault answered 307');
    expect(elsewhere.connections()).toBe(0);
  });

  it('waits as long as it is asked to', async () => {
    const times: number[] = [];
    const vault = await fake((asked, count) => {
      times.push(Date.now());
      return count === 2 ? answer({ errors: ['busy'] }, 429, { 'retry-after': '3' }) : working(asked, 'good');
    });
    const [pod, config] = await podAt(vault);
    await pod.run(config);
    const { child, ended } = pod.sidecar(config);
    await until(() => times.length >= 4);
    child.kill('SIGTERM');
    await ended;

    expect((times[3] ?? 0) - (times[2] ?? 0)).toBeGreaterThanOrEqual(2950);
  });
});

describe('the end of the sidecar', () => {
  it('comes though Vault does not answer', async () => {
    const vault = await fake((asked) =>
      asked.url.endsWith('/revoke-self') ? { kind: 'silence' } : working(asked, 'good'),
    );
    const [pod, config] = await podAt(vault);
    await pod.run(config);
    const { child, ended } = pod.sidecar(config);
    await until(() => vault.asked.length > 2);

    child.kill('SIGTERM');
    const { code, stdout } = await ended;

    expect(code).toBe(0);
    expect(stdout).toContain('"tokens":1,"revoked":0');
    expect(vault.asked.at(-1)?.url).toBe('/v1/auth/token/revoke-self');
  });

  it('before its first success, while Vault says nothing, is an end like any other', async () => {
    const vault = await fake(() => ({ kind: 'silence' }));
    const [pod, config] = await podAt(vault);
    const { child, ended } = pod.sidecar(config);
    await until(() => vault.asked.length > 0);

    child.kill('SIGTERM');

    expect(await ended).toMatchObject({ code: 0, stderr: '', termination: '' });
  });

  it('comes by itself when there was no first success', async () => {
    const vault = await fake(() => answer({ errors: ['no'] }, 503));
    const [pod, config] = await podAt(vault);

    const { code, termination } = await pod.sidecar(config, { COUNTERSIGN_GIVE_UP_SECONDS: '1' }).ended;

    expect(code).toBe(12);
    expect(termination).toContain('countersign.dev/vault-role: vault answered 503 to the login');
  });
});
