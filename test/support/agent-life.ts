/** The life of a pod on the agent's own clock: init, and then the sidecar with a Vault that counts what it makes. */
import { expect, onTestFinished } from 'vitest';
import { runInit, runSidecar } from '../../src/agent/run.ts';
import type { AgentConfig } from '../../src/core/inject/agent-config.ts';
import {
  agentConfig,
  credential,
  login,
  type Script,
  type ScriptedVault,
  scriptedVault,
  secret,
  type TestHost,
  testHost,
} from './agent.ts';

/** A pod whose init has run: a leased credential, a value that is read again every 100 s, the token. */
export const lifeConfig: AgentConfig = agentConfig({
  credentials: [
    credential('db', { path: 'database/creds/x' }),
    credential('kv', { refreshSeconds: 100 }),
    credential('once'),
  ],
  files: [
    { file: 'db', content: { kind: 'field', credential: 'db', field: 'word' } },
    { file: 'kv', content: { kind: 'field', credential: 'kv', field: 'word' } },
  ],
  env: [{ variable: 'WORD', value: { kind: 'field', credential: 'kv', field: 'word', base64: false } }],
  token: true,
  notify: 'http://localhost:9/reload',
});

export interface Lives {
  readonly token?: number;
  readonly tokenMax?: number;
  readonly lease?: number;
  readonly leaseMax?: number;
  /** What every draw of the agent gives. */
  readonly random?: number;
}

/** A Vault that counts: tokens, leases and values carry the number of their making. */
export function vaultOf(
  host: TestHost,
  { token = 3600, tokenMax = 36_000, lease = 3600, leaseMax = 36_000 }: Lives,
): Script {
  const made = { token: 0, lease: 0 };
  const since = { token: host.now(), lease: host.now() };
  const left = (kind: 'token' | 'lease', life: number, max: number) =>
    Math.max(0, Math.min(life, Math.floor(max - (host.now() - since[kind]) / 1000)));
  return (call) => {
    if (call.startsWith('login')) {
      since.token = host.now();
      made.token += 1;
      return login(`token-${made.token}`, token);
    }
    if (call === 'renew-self') return { ttlSeconds: left('token', token, tokenMax), renewable: true };
    if (call === 'lookup-self') return { ttlSeconds: token, renewable: true };
    if (call.startsWith('renew ')) {
      return { id: call.slice(6), seconds: left('lease', lease, leaseMax), renewable: true };
    }
    if (call.includes('database/')) {
      since.lease = host.now();
      made.lease += 1;
      return secret(
        { word: `db-${made.lease}` },
        { id: `db/${made.lease}`, seconds: lease, renewable: true },
      );
    }
    if (call === 'revoke-self') return {};
    return secret({ word: 'kv-1' });
  };
}

export interface Sidecar {
  readonly host: TestHost;
  readonly vault: ScriptedVault;
  readonly code: number;
  /** What the sidecar asked, and when, in seconds from its start. */
  readonly asked: readonly string[];
}

/** Init, and then the sidecar for so many seconds. `change` answers in the place of Vault, or not. */
export async function sidecar(
  seconds: number,
  lives: Lives,
  change: (call: string, at: number, host: TestHost) => ReturnType<Script> | undefined = () => undefined,
  wanted: AgentConfig = lifeConfig,
): Promise<Sidecar> {
  const host = await testHost(wanted, lives.random);
  onTestFinished(() => host.remove());
  const script = vaultOf(host, lives);
  expect(await runInit(host, () => scriptedVault(script))).toBe(0);
  const start = host.now();
  const asked: string[] = [];
  const vault = scriptedVault((call, count) => {
    const at = (host.now() - start) / 1000;
    // What it asks when it is stopped is another matter.
    if (!host.stop.signal.aborted) asked.push(`${Math.round(at)} ${call}`);
    return change(call, at, host) ?? script(call, count);
  });
  host.stopAfter(seconds);
  const code = await runSidecar(host, () => vault);
  expect([...host.printed, ...host.reported].join('\n')).not.toMatch(/token-\d|kv-1|db-\d|eyJ/);
  return { host, vault, code, asked };
}
