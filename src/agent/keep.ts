/**
 * The sidecar's life after the first success: it sees to what is due, and never ends because of Vault. What
 * is in place stays until there is something better.
 */
import { CountersignError } from '../core/errors.ts';
import { RESTART_EXIT_CODE } from '../core/inject/names.ts';
import { attend } from './attend.ts';
import type { Run } from './context.ts';
import { type Failure, final, sentence } from './failure.ts';
import { createRetries, type Retries } from './retries.ts';
import { nextOf, released, type Task, tasksOf } from './schedule.ts';
import { settle } from './settle.ts';
import { type AgentState, saveState } from './state.ts';
import { secondsNow } from './term.ts';

/** The state, and whether what is in place may not be what it says. */
interface Kept {
  readonly state: AgentState;
  readonly dirty: boolean;
}

/** A machine may have slept: the clock is looked at this often. */
const maxSleepSeconds = 60;

/**
 * The exit code, when the containers have to be restarted for a variable. Otherwise it ends only with the
 * reason of the host's signal, thrown.
 */
export async function keep(run: Run, initial: AgentState): Promise<number> {
  const { host, log, vault } = run;
  const retries = createRetries(host);
  // A run before may have been killed between a change and its swap.
  let kept: Kept = { state: initial, dirty: true };
  for (;;) {
    host.signal.throwIfAborted();
    const now = secondsNow(host);
    const tasks = tasksOf(kept.state, kept.dirty, now).map((task) => ({
      ...task,
      dueAt: Math.max(task.dueAt, retries.notBefore(keyOf(task)), quietUntil(retries, task)),
    }));
    const next = nextOf(tasks.filter(({ dueAt }) => dueAt <= now));
    if (next.length === 0) {
      // Thousands of idle agents need not hold a connection each.
      vault.close();
      const wakeAt = Math.min(now + maxSleepSeconds, ...tasks.map(({ dueAt }) => dueAt));
      await host.sleep(Math.ceil((wakeAt - now) * 1000));
    } else if (next[0]?.kind === 'files') {
      const result = await follow(run, kept.state, retries);
      if (result === 'restart') {
        log.info('a variable has changed: the containers are to be restarted');
        return RESTART_EXIT_CODE;
      }
      kept = result;
    } else {
      kept = await seeTo(run, kept, next, retries);
    }
  }
}

/** Everything that was got is in the state before it is relied on. */
async function seeTo(run: Run, kept: Kept, tasks: readonly Task[], retries: Retries): Promise<Kept> {
  const outcomes = await Promise.all(
    tasks.map(async (task) => ({ task, ...(await attend(run, kept.state, task)) })),
  );
  let { state, dirty } = kept;
  for (const { task, failures, change, dirty: more } of outcomes) {
    if (change !== undefined) state = change(state);
    dirty ||= more === true;
    report(run, retries, task, failures);
  }
  if (state !== kept.state) await remember(run, state);
  return { state, dirty };
}

async function follow(run: Run, state: AgentState, retries: Retries): Promise<Kept | 'restart'> {
  const { host, log, config } = run;
  const task: Task = { kind: 'files', name: '', dueAt: 0 };
  try {
    const settled = await settle(run, state);
    if ('failures' in settled) {
      // Not tried again before the credentials change: it would come out the same.
      log.warn('the files stay as they are', { cause: sentence(settled.failures) });
      return { state, dirty: false };
    }
    const { placed, swapped, envChanged } = settled.value;
    // Said before it is noted down: killed in between, the next run restarts the containers all the same.
    if (envChanged && config.rotate === 'restart') return 'restart';
    if (swapped) await notify(run);
    report(run, retries, task, []);
    const next = { ...state, placed, retired: released(state.retired, secondsNow(host)) };
    await remember(run, next);
    return { state: next, dirty: false };
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    report(run, retries, task, [final('files', 'agent', error.message)]);
    return { state, dirty: true };
  }
}

async function notify({ host, log, config }: Run): Promise<void> {
  if (config.notify === undefined) return;
  try {
    const status = await host.notify(config.notify);
    if (status >= 400) log.warn('notify was answered with a failure', { status });
  } catch {
    host.signal.throwIfAborted();
    log.warn('notify was not answered');
  }
}

function report({ log }: Run, retries: Retries, task: Task, failures: readonly Failure[]): void {
  const key = keyOf(task);
  if (failures.length === 0) {
    retries.succeeded(key);
    return;
  }
  const waitMilliseconds = retries.failed(key, failures);
  log.warn('trying again', { cause: sentence(failures), waitMilliseconds });
}

/** A state that can't be saved costs a login after a crash; ending for it would cost one now. */
async function remember({ host, log }: Run, state: AgentState): Promise<void> {
  try {
    await saveState(host.places.stateDir, state);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    log.warn('the state is not saved', { cause: error.message });
  }
}

/** What has been got is put in place even while Vault wants to be left alone. */
function quietUntil(retries: Retries, { kind }: Task): number {
  return kind === 'files' ? 0 : retries.quietUntil();
}

function keyOf({ kind, name }: Task): string {
  return `${kind} ${name}`;
}
