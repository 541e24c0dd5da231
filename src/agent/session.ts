/** The agent's identity at Vault: by the pod's own service-account token, or by what an earlier run left. */
import { readFile } from 'node:fs/promises';
import type { AgentConfig } from '../core/inject/agent-config.ts';
import { PREFIX } from '../core/inject/annotations.ts';
import type { VaultClient } from '../vault/client.ts';
import { describeToken } from './claims.ts';
import { type Attempt, failureOf, final } from './failure.ts';
import type { AgentHost } from './host.ts';
import type { Session } from './state.ts';

/** A token or lease with less than this left is as good as gone. */
const marginSeconds = 30;
const jwtShape = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const maxJwtLength = 16_384;

export async function logIn(
  host: AgentHost,
  vault: VaultClient,
  config: AgentConfig,
): Promise<Attempt<Session>> {
  const { authMount, role } = config.vault;
  const jwt = await serviceAccountToken(host.places.tokenFile);
  if (jwt === undefined) {
    const cause = `expected a service-account token in ${host.places.tokenFile}`;
    return { failures: [final('config', `${PREFIX}inject`, cause)] };
  }
  try {
    const login = await vault.login({ mount: authMount, role, jwt }, host.signal);
    const { token, accessor, ttlSeconds, renewable } = login;
    return { value: { token, accessor, renewable, expiresAt: expiry(host, ttlSeconds) } };
  } catch (error) {
    const failure = failureOf(error, `${PREFIX}vault-role`, 'login');
    const sent = failure.kind === 'login' ? describeToken(jwt, host.now()) : undefined;
    return { failures: [sent === undefined ? failure : { ...failure, cause: `${failure.cause} (${sent})` }] };
  }
}

/**
 * The session with what Vault says of it now; `gone` when Vault no longer knows it. Without an answer, the
 * clock decides.
 */
export async function checked(
  host: AgentHost,
  vault: VaultClient,
  session: Session,
): Promise<Session | 'gone'> {
  if (!isFresh(host, session.expiresAt)) return 'gone';
  try {
    const { ttlSeconds, renewable } = await vault.lookupSelf(session.token, host.signal);
    const expiresAt = expiry(host, ttlSeconds);
    return isFresh(host, expiresAt) ? { ...session, renewable, expiresAt } : 'gone';
  } catch (error) {
    return failureOf(error, `${PREFIX}vault-role`, 'login').kind === 'login' ? 'gone' : session;
  }
}

/** `expiresAt` in seconds since 1970; `undefined`: never. */
export function isFresh(host: AgentHost, expiresAt: number | undefined): boolean {
  return expiresAt === undefined || expiresAt - host.now() / 1000 > marginSeconds;
}

function expiry(host: AgentHost, ttlSeconds: number): number | undefined {
  return ttlSeconds === 0 ? undefined : Math.floor(host.now() / 1000) + ttlSeconds;
}

/** Read at every login: kubelet replaces the file long before the token ends. */
async function serviceAccountToken(path: string): Promise<string | undefined> {
  try {
    const jwt = (await readFile(path, 'utf8')).trim();
    return jwt.length <= maxJwtLength && jwtShape.test(jwt) ? jwt : undefined;
  } catch {
    return undefined;
  }
}
