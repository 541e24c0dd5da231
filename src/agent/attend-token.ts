/** The token, when it is due: renewed, or replaced by another while it still lives. */
import { PREFIX } from '../core/inject/annotations.ts';
import type { Outcome } from './attend.ts';
import { type Change, withNewSession, withSession } from './change.ts';
import type { Run } from './context.ts';
import { failureOf } from './failure.ts';
import { logIn, type Session } from './session.ts';
import { isAlive, secondsNow, termOf } from './term.ts';
import { renewedSeconds } from './wrapped.ts';

/** Vault counts in whole seconds. */
export const toleranceSeconds = 1;

/** A renewal that gives less than a whole life has come near the token's maximum: the next would give nothing. */
export async function attendToken(run: Run, session: Session | undefined): Promise<Outcome> {
  const { host, log, vault } = run;
  if (session === undefined || !session.renewable || !isAlive(host, session)) return replace(run, session);
  try {
    const { ttlSeconds, renewable } = await vault.renewSelf(
      session.token,
      host.signal,
      session.wrapped === true ? renewedSeconds : undefined,
    );
    const renewed = { ...session, renewable, ...termOf(host, ttlSeconds) };
    if (ttlSeconds > 0 && ttlSeconds < session.seconds - toleranceSeconds) return await replace(run, renewed);
    log.info('renewed the token', { seconds: ttlSeconds });
    return { failures: [], change: withSession(renewed) };
  } catch (error) {
    const failure = failureOf(error, `${PREFIX}vault-role`, 'login');
    return failure.kind === 'login' ? replace(run, session) : { failures: [failure] };
  }
}

/** A login; until it succeeds, `spent` goes on, and is not renewed any more. */
async function replace(run: Run, spent: Session | undefined): Promise<Outcome> {
  const { host, log, vault, config } = run;
  const now = secondsNow(host);
  const keep: Change = (state) =>
    spent === undefined ? state : withSession({ ...spent, renewable: false, dueAt: now })(state);
  const login = await logIn(host, vault, config);
  if ('failures' in login) return { failures: login.failures, change: keep };
  log.info('logged in', { role: config.vault.role, mount: config.vault.authMount });
  return {
    failures: [],
    change: (state) => withNewSession(login.value, now)(keep(state)),
    dirty: true,
  };
}
