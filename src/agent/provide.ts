/**
 * Log in, fetch every credential, put everything in place as one set, leave the state for the next run. Until
 * that has happened once it is given up after minutes; later, when only Vault is away, what an earlier run
 * got does.
 */
import { emptyState } from './change.ts';
import type { Run } from './context.ts';
import { type Attempt, sentence } from './failure.ts';
import { obtain } from './obtain.ts';
import { isComplete } from './outputs.ts';
import { settle } from './settle.ts';
import { type AgentState, loadState, saveState } from './state.ts';

const refusalSeconds = 20;
/** With something to put in place, a pod need not wait for Vault. */
const completePatienceSeconds = 15;

/** The state that it leaves. Fails, as an exception, with ERR_AGENT_FILES. */
export async function provide(run: Run): Promise<Attempt<AgentState>> {
  const { host, log, config, digest, giveUpSeconds } = run;
  const earlier = await loadState(host.places.stateDir, digest);
  const complete = earlier !== undefined && isComplete(config, earlier);
  const seconds = complete ? Math.min(giveUpSeconds, completePatienceSeconds) : giveUpSeconds;
  const result = await obtain(run, earlier ?? emptyState(digest), {
    untilMilliseconds: host.now() + seconds * 1000,
    refusalSeconds: Math.min(giveUpSeconds, refusalSeconds),
  });
  if ('value' in result) return finish(run, result.value);
  if (!complete || result.failures.some(({ kind }) => kind !== 'unreachable')) return result;
  log.warn('vault is away: what an earlier run got stays', { cause: sentence(result.failures) });
  return finish(run, (await loadState(host.places.stateDir, digest)) ?? earlier);
}

async function finish(run: Run, state: AgentState): Promise<Attempt<AgentState>> {
  const settled = await settle(run, state);
  if ('failures' in settled) return settled;
  const finished = { ...state, placed: settled.value.placed };
  await saveState(run.host.places.stateDir, finished);
  return { value: finished };
}
