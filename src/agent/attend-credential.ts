/** A credential, when it is due: its lease renewed, or another fetched. */
import { PREFIX } from '../core/inject/annotations.ts';
import type { VaultLease } from '../vault/secret.ts';
import type { Outcome } from './attend.ts';
import { toleranceSeconds } from './attend-token.ts';
import { type Change, withCredential, withRenewed, withSession } from './change.ts';
import type { Run } from './context.ts';
import { type Fetched, fetchCredential } from './credential.ts';
import { failureOf } from './failure.ts';
import type { Session } from './session.ts';
import type { AgentState } from './state.ts';
import { isAlive, secondsNow, termOf } from './term.ts';

export async function attendCredential(run: Run, state: AgentState, name: string): Promise<Outcome> {
  const { host, log, vault, config } = run;
  const { session } = state;
  const wanted = config.credentials.find((one) => one.name === name);
  const held = state.credentials.find((one) => one.name === name);
  if (wanted === undefined || session === undefined) return { failures: [] };
  if (held?.lease?.renewable === true && isAlive(host, held)) {
    const outcome = await renew(run, held, held.lease, session.token);
    if (outcome !== 'spent') return outcome;
  }
  const fetched = await fetchCredential(host, vault, wanted, session.token);
  if ('value' in fetched) {
    log.info('fetched anew', { credential: name });
    return { failures: [], change: withCredential(fetched.value), dirty: true };
  }
  const refused = fetched.failures.some(({ kind }) => kind === 'credential');
  const change = refused ? await changeOfToken(run, session) : undefined;
  return { failures: fetched.failures, ...(change && { change }) };
}

/** `spent`: it is near its maximum, or not renewed at all; another has to be fetched. */
async function renew(
  { host, log, vault }: Run,
  held: Fetched,
  lease: VaultLease,
  token: string,
): Promise<Outcome | 'spent'> {
  try {
    const { seconds, renewable } = await vault.renewLease(lease.id, token, host.signal);
    if (seconds < lease.seconds - toleranceSeconds) return 'spent';
    log.info('renewed a lease', { credential: held.name, seconds });
    const renewed = { ...held, lease: { ...lease, renewable }, ...termOf(host, seconds) };
    return { failures: [], change: withRenewed(renewed) };
  } catch (error) {
    const failure = failureOf(error, `${PREFIX}credential.${held.name}`, 'credential');
    return failure.kind === 'credential' ? 'spent' : { failures: [failure] };
  }
}

/** A no may be one to the token: revoked by somebody, it has to be replaced now and not when it would end. */
async function changeOfToken({ host, vault }: Run, session: Session): Promise<Change | undefined> {
  try {
    await vault.lookupSelf(session.token, host.signal);
    return undefined;
  } catch (error) {
    if (failureOf(error, 'agent', 'login').kind !== 'login') return undefined;
    return withSession({ ...session, renewable: false, dueAt: secondsNow(host) });
  }
}
