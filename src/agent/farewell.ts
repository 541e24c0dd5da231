/** What the sidecar does when its pod ends: what nobody needs any more ends now, and not when its time is over. */
import { CountersignError } from '../core/errors.ts';
import { orphaned } from './change.ts';
import type { Run } from './context.ts';
import { loadState, saveState } from './state.ts';

/** Less than kubelet's shortest grace, which is two seconds. */
const deadlineMilliseconds = 1_500;

/** Revokes every token, and with it its leases. Never fails. */
export async function farewell({ host, log, vault, digest }: Run): Promise<void> {
  // What is saved is what there is: every change is saved before it is relied on.
  const state = await loadState(host.places.stateDir, digest);
  if (state?.session === undefined) return;
  const tokens = [state.session.token, ...state.retired.map(({ token }) => token)];
  const signal = AbortSignal.timeout(deadlineMilliseconds);
  const results = await Promise.allSettled(tokens.map((token) => vault.revokeSelf(token, signal)));
  const revoked = results.filter(({ status }) => status === 'fulfilled').length;
  log.info('stopped', { tokens: tokens.length, revoked });
  if (results[0]?.status !== 'fulfilled') return;
  try {
    // The container alone may have been stopped: then it logs in anew.
    const without = { ...orphaned(state), session: undefined, retired: [] };
    await saveState(host.places.stateDir, without);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
  }
}
