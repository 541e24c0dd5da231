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
const patience = { timeout: 30_000 };
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

describe('the end of the sidecar', () => {
  it('comes though Vault does not answer', async () => {
    const vault = await fake((asked) =>
      asked.url.endsWith('/revoke-self') ? { kind: 'silence' } : working(asked, 'good'),
    );
    const [pod, config] = await podAt(vault);
    await pod.run(config);
    const { child, ended } = pod.sidecar(config);
    await expect.poll(() => vault.asked.length, patience).toBeGreaterThan(2);

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
    await expect.poll(() => vault.asked.length, patience).toBeGreaterThan(0);

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
