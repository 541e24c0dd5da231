/** One thing that is due, seen to: what it changes, and what kept it from it. */
import { attendCredential } from './attend-credential.ts';
import { attendToken } from './attend-token.ts';
import { type Change, withIdentity, withoutRetired } from './change.ts';
import type { Run } from './context.ts';
import { type Failure, failureOf } from './failure.ts';
import { issueIdentity } from './identity.ts';
import type { Task } from './schedule.ts';
import type { AgentState } from './state.ts';
import { secondsNow } from './term.ts';

export interface Outcome {
  readonly failures: readonly Failure[];
  readonly change?: Change;
  /** What is in place may have to follow. */
  readonly dirty?: boolean;
}

export async function attend(run: Run, state: AgentState, { kind, name }: Task): Promise<Outcome> {
  switch (kind) {
    case 'token':
      return attendToken(run, state.session);
    case 'credential':
      return attendCredential(run, state, name);
    case 'identity':
      return attendIdentity(run, state, name);
    case 'retired':
      return attendRetired(run, state, name);
    case 'files':
      return { failures: [] };
  }
}

async function attendIdentity(run: Run, { session }: AgentState, file: string): Promise<Outcome> {
  const { host, log, vault, config } = run;
  const identity = config.identities.find((one) => one.file === file);
  if (identity === undefined || session === undefined) return { failures: [] };
  const issued = await issueIdentity(host, vault, identity, session.token);
  if ('failures' in issued) return issued;
  log.info('issued anew', { identity: file });
  return { failures: [], change: withIdentity(issued.value), dirty: true };
}

/** Its leases end with it. What has ended by itself needs nobody. */
async function attendRetired(run: Run, { retired }: AgentState, token: string): Promise<Outcome> {
  const { host, log, vault } = run;
  const gone: Outcome = { failures: [], change: withoutRetired(token) };
  const expiresAt = retired.find((one) => one.token === token)?.expiresAt;
  if (expiresAt !== undefined && expiresAt <= secondsNow(host)) return gone;
  try {
    await vault.revokeSelf(token, host.signal);
    log.info('revoked the token before');
    return gone;
  } catch (error) {
    const failure = failureOf(error, 'agent', 'login');
    return failure.kind === 'login' ? gone : { failures: [failure] };
  }
}
