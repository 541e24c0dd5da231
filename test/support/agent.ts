/**
 * The agent's machine and its Vault, for tests: real folders that are thrown away, a clock that sleeping
 * moves, no network.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentHost } from '../../src/agent/host.ts';
import { CountersignError, type ErrorCode } from '../../src/core/errors.ts';
import type { AgentConfig, AgentCredential } from '../../src/core/inject/agent-config.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { VaultClient } from '../../src/vault/client.ts';
import type { VaultLease, VaultLogin, VaultSecret, VaultTokenState } from '../../src/vault/secret.ts';
import type { WrappedToken } from '../../src/vault/wrapping.ts';

export const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhcHAifQ.c2lnbmF0dXJl';
export const startMilliseconds = Date.parse('2026-11-24T12:00:00Z');

export interface TestHost extends AgentHost {
  readonly env: Record<string, string | undefined>;
  readonly printed: string[];
  readonly reported: string[];
  readonly slept: number[];
  readonly notified: string[];
  readonly stop: AbortController;
  /** Moves the clock. */
  pass(seconds: number): void;
  /** Stops the container when a sleep goes beyond so many seconds from now. */
  stopAfter(seconds: number): void;
  remove(): Promise<void>;
}

/** `random` is what every draw gives. */
export async function testHost(config: unknown, random = 0.5): Promise<TestHost> {
  const root = await mkdtemp(join(tmpdir(), 'countersign-agent-'));
  const places = {
    tokenFile: join(root, 'token'),
    stateDir: join(root, 'state'),
    filesDir: join(root, 'files'),
    envDir: join(root, 'env'),
    terminationLog: join(root, 'termination-log'),
  };
  await Promise.all([
    mkdir(places.stateDir),
    mkdir(places.filesDir),
    mkdir(places.envDir),
    writeFile(places.tokenFile, `${jwt}\n`),
  ]);
  const stop = new AbortController();
  const printed: string[] = [];
  const reported: string[] = [];
  const slept: number[] = [];
  const notified: string[] = [];
  let now = startMilliseconds;
  let end = Number.POSITIVE_INFINITY;
  return {
    env: { COUNTERSIGN_AGENT_CONFIG: typeof config === 'string' ? config : JSON.stringify(config) },
    places,
    signal: stop.signal,
    stop,
    printed,
    reported,
    slept,
    notified,
    now: () => now,
    random: () => random,
    async sleep(milliseconds) {
      stop.signal.throwIfAborted();
      if (now + milliseconds > end) stop.abort(new Error('stopped'));
      now = Math.min(now + milliseconds, end);
      stop.signal.throwIfAborted();
      slept.push(milliseconds);
    },
    async notify(url) {
      notified.push(url);
      return 200;
    },
    print: (line) => void printed.push(line),
    report: (line) => void reported.push(line),
    pass(seconds) {
      now += seconds * 1000;
    },
    stopAfter(seconds) {
      end = now + seconds * 1000;
    },
    remove: () => rm(root, { recursive: true }),
  };
}

export function agentConfig(changes: Partial<AgentConfig> = {}): AgentConfig {
  return {
    version: 1,
    vault: {
      address: 'https://vault:8200',
      authMount: 'kubernetes',
      authMethod: 'kubernetes',
      role: 'shop_api',
    },
    credentials: [credential('db')],
    files: [{ file: 'db.json', content: { kind: 'all', credential: 'db' } }],
    env: [],
    identities: [],
    token: false,
    sidecar: true,
    rotate: 'none',
    ...changes,
  };
}

export function credential(name: string, changes: Partial<AgentCredential> = {}): AgentCredential {
  return { name, operation: 'read', path: `secret/${name}`, parameters: {}, kv2: false, ...changes };
}

/** A call that a scripted Vault got: `login kubernetes shop_api`, `read secret/db`. */
export type Script = (call: string, count: number) => object | CountersignError;

export interface ScriptedVault extends VaultClient {
  readonly calls: readonly string[];
  /** The tokens that came with the calls, `undefined` for a login. */
  readonly tokens: readonly (string | undefined)[];
  readonly closed: () => boolean;
}

/** What the script gives is the answer; an error is thrown. */
export function scriptedVault(script: Script): ScriptedVault {
  const calls: string[] = [];
  const tokens: (string | undefined)[] = [];
  let closed = false;
  async function run(call: string, token?: string): Promise<object> {
    calls.push(call);
    tokens.push(token);
    const result = script(call, calls.filter((other) => other === call).length - 1);
    if (result instanceof CountersignError) throw result;
    return result;
  }
  return {
    calls,
    tokens,
    closed: () => closed,
    login: async ({ mount, role }) => (await run(`login ${mount} ${role}`)) as VaultLogin,
    read: async (path, token) => (await run(`read ${path}`, token)) as VaultSecret,
    list: async (path, token) => (await run(`list ${path}`, token)) as readonly string[],
    lookup: async (path, body, token) =>
      (await run(`lookup ${path} ${JSON.stringify(body)}`, token)) as VaultSecret,
    write: async (path, body, token) =>
      (await run(`write ${path} ${JSON.stringify(body)}`, token)) as VaultSecret,
    lookupSelf: async (token) =>
      (await run('lookup-self', token)) as { ttlSeconds: number; renewable: boolean },
    renewSelf: async (token, _, incrementSeconds) =>
      (await run(['renew-self', incrementSeconds].join(' ').trim(), token)) as VaultTokenState,
    renewLease: async (id, token) => (await run(`renew ${id}`, token)) as VaultLease,
    identityKeys: async () => (await run('keys')) as JsonObject,
    createWrapped: async ({ path }, token) => (await run(`create ${path}`, token)) as WrappedToken,
    creationPathOf: async (token) => {
      const { path } = (await run('wrapping lookup', token)) as { readonly path?: string };
      return path;
    },
    unwrap: async (token) => {
      const answer = await run('unwrap', token);
      return 'token' in answer ? (answer as VaultLogin) : undefined;
    },
    async revokeAccessor(accessor, token) {
      await run(`revoke-accessor ${accessor}`, token);
    },
    async revokeSelf(token) {
      await run('revoke-self', token);
    },
    close() {
      closed = true;
    },
  };
}

export function login(token: string, ttlSeconds = 3600): VaultLogin {
  return { token, accessor: `accessor-of-${token}`, ttlSeconds, renewable: true };
}

export function secret(data: JsonObject, lease?: VaultLease): VaultSecret {
  return { data, lease, warnings: [] };
}

export function failing(code: ErrorCode, message: string, retryAfterSeconds?: number): CountersignError {
  const retryable = code !== 'ERR_VAULT_REFUSED' && code !== 'ERR_TLS' && code !== 'ERR_VAULT_PROTOCOL';
  return new CountersignError(code, message, { retryable, retryAfterSeconds });
}
