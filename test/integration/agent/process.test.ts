import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentConfig } from '../../../src/core/inject/agent-config.ts';
import { agentConfig, jwt } from '../../support/agent.ts';
import { newPod, type Pod } from '../../support/agent-process.ts';
import {
  type Asked,
  answer,
  type Behaviour,
  type FakeVault,
  startFakeVault,
} from '../../support/fake-vault.ts';

const token = 'hvs.token-of-the-workload-0123456789';
const impatient = { COUNTERSIGN_GIVE_UP_SECONDS: '1' };

let pod: Pod;
const vaults: FakeVault[] = [];

beforeEach(async () => {
  pod = await newPod(jwt);
});
afterEach(async () => {
  await pod.remove();
  for (const vault of vaults.splice(0)) await vault.stop();
});

async function fake(behave: (asked: Asked, count: number) => Behaviour): Promise<FakeVault> {
  const vault = await startFakeVault(behave);
  vaults.push(vault);
  return vault;
}

function working({ url }: Asked): Behaviour {
  if (url.endsWith('/login')) return answer({ auth: { client_token: token, lease_duration: 3600 } });
  return answer({ data: { word: 'pass-word' } });
}

function at(vault: FakeVault): AgentConfig {
  const config = agentConfig();
  return { ...config, vault: { ...config.vault, address: vault.address } };
}

describe('the agent as a process', () => {
  it('waits as long as a busy Vault asks it to', async () => {
    const vault = await fake((asked, count) =>
      count === 0 ? answer({ errors: ['busy'] }, 429, { 'retry-after': '1' }) : working(asked),
    );
    const startedAt = Date.now();

    const { code, stdout } = await pod.run(at(vault));

    expect(code).toBe(0);
    expect(Date.now() - startedAt).toBeGreaterThan(1000);
    expect(stdout).toContain('vault answered 429 to the login at auth/kubernetes as role shop_api: busy');
    expect(await readFile(join(pod.filesDir, 'db.json'), 'utf8')).toBe('{"word":"pass-word"}');
  });

  it('shows nothing of what it sent when it is sent back', async () => {
    const vault = await fake(({ headers, body, url }) =>
      url.endsWith('/login') && headers['x-vault-token'] === undefined && !body.includes('x')
        ? answer({ auth: { client_token: token, lease_duration: 3600 } })
        : answer({ errors: [`${String(headers['x-vault-token'])} ${body}`] }, 403),
    );

    const { code, ...said } = await pod.run(at(vault), impatient);

    expect(code).toBe(13);
    expect(JSON.stringify(said)).toContain('[redacted]');
    expect(JSON.stringify(said)).not.toContain(token);
    expect(JSON.stringify(said)).not.toContain(jwt);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends on %s while it waits for Vault', async (signal) => {
    const vault = await fake(() => ({ kind: 'silence' }));
    const { child, ended } = pod.start(at(vault));
    while (vault.asked.length === 0) await sleep(10);

    child.kill(signal);

    await expect(ended).resolves.toMatchObject({ code: 143, stderr: '', termination: '' });
  });

  it('names every problem of its configuration and asks nobody', async () => {
    const vault = await fake(working);

    const { code, termination } = await pod.run(at(vault), {
      COUNTERSIGN_AGENT_CONFIG: '{"version":1,"token":true}',
    });

    expect(code).toBe(10);
    expect(termination).toContain('vault: expected an object');
    expect(termination).toContain('credentials: expected a list');
    expect(vault.asked).toEqual([]);
  });

  it('refuses to run where certificate verification is switched off', async () => {
    const vault = await fake(working);

    const { code, termination } = await pod.run(at(vault), { NODE_TLS_REJECT_UNAUTHORIZED: '0' });

    expect(code).toBe(10);
    expect(termination).toContain('NODE_TLS_REJECT_UNAUTHORIZED=0 is set');
    expect(vault.asked).toEqual([]);
  });

  it('prints none of what libraries would print when they are asked to', async () => {
    const vault = await fake(working);

    const { code, ...said } = await pod.run(at(vault), { DEBUG: '*', NODE_DEBUG: '' });

    expect(code).toBe(0);
    expect(said.stderr).not.toContain('node-vault');
    expect(JSON.stringify(said)).not.toContain(token);
    expect(JSON.stringify(said)).not.toContain(jwt);
    expect(JSON.stringify(said)).not.toContain('pass-word');
  });
});
