/** The agent's identity at Vault: by the pod's own service-account token, or by what an earlier run left. */
import { readFile } from 'node:fs/promises';
import type { AgentConfig } from '../core/inject/agent-config.ts';
import { INJECT, PREFIX } from '../core/inject/annotations.ts';
import type { VaultClient } from '../vault/client.ts';
import { describeToken } from './claims.ts';
import { type Attempt, failureOf, final } from './failure.ts';
import type { AgentHost } from './host.ts';
import { isFresh, type Term, termOf } from './term.ts';

export interface Session extends Term {
  readonly token: string;
  readonly accessor: string | undefined;
  readonly renewable: boolean;
  /** How long the login made it last: a renewal that gives less has come near the token's maximum. */
  readonly seconds: number;
  /** It was given, not logged in for: its renewals say for how long. */
  readonly wrapped?: true;
}

const jwtShape = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const maxJwtLength = 16_384;

export async function logIn(
  host: AgentHost,
  vault: VaultClient,
  config: AgentConfig,
): Promise<Attempt<Session>> {
  if (!mayLogIn(config)) {
    const cause = 'the token that the pod was given has ended or was not to be had, and it may not log in';
    return { failures: [final('login', INJECT, cause)] };
  }
  const { authMount, role } = config.vault;
  const jwt = await serviceAccountToken(host.places.tokenFile);
  if (jwt === undefined) {
    const cause = `expected a service-account token in ${host.places.tokenFile}`;
    return { failures: [final('config', INJECT, cause)] };
  }
  try {
    const login = await vault.login({ mount: authMount, role, jwt }, host.signal);
    const { token, accessor, ttlSeconds, renewable } = login;
    return { value: { token, accessor, renewable, seconds: ttlSeconds, ...termOf(host, ttlSeconds) } };
  } catch (error) {
    const failure = failureOf(error, `${PREFIX}vault-role`, 'login');
    const sent = failure.kind === 'login' ? describeToken(jwt, host.now()) : undefined;
    return { failures: [sent === undefined ? failure : { ...failure, cause: `${failure.cause} (${sent})` }] };
  }
}

export function mayLogIn({ issuance }: AgentConfig): boolean {
  return issuance === undefined || issuance.fallback === 'login';
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
  if (!isFresh(host, session, session.seconds)) return 'gone';
  try {
    const { ttlSeconds, renewable } = await vault.lookupSelf(session.token, host.signal);
    const { expiresAt, dueAt } = termOf(host, ttlSeconds);
    const now = { ...session, renewable, expiresAt, dueAt: session.dueAt ?? dueAt };
    return isFresh(host, now, session.seconds) ? now : 'gone';
  } catch (error) {
    return failureOf(error, `${PREFIX}vault-role`, 'login').kind === 'login' ? 'gone' : session;
  }
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
