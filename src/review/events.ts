import { CountersignError } from '../core/errors.ts';
import { backoffMs } from '../kube/backoff.ts';
import type { KubeClient } from '../kube/client.ts';
import { type Clock, sleep } from '../kube/clock.ts';
import { refusalOf } from '../kube/refusal.ts';
import { createBell } from './bell.ts';
import { type EventEntry, eventName, eventOf, eventsPath, seriesOf } from './event.ts';
import { createEventQueue, EVENT_LIMITS, type EventLimits, type EventSeries } from './event-queue.ts';

/**
 * Tells people of decisions where they look, in `kubectl get events`. Best effort: what can't be written is counted and
 * let go, and nobody ever waits for it.
 *
 * Needs `create` and `patch` on events.events.k8s.io in every namespace that entries are about.
 */
export interface EventRecorder {
  /** Never throws and never waits. */
  record(entry: EventEntry): void;
  /** Writes until the signal aborts, then once more for two seconds at most. Never throws. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * `overflow`: too many wait. `limited`: too many about one object. `refused`: the API server does not take it, or its
 * namespace is gone. `failed`: no answer after several tries. `stopped`: the process ended.
 */
export type DropReason = 'overflow' | 'limited' | 'refused' | 'failed' | 'stopped';

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly now: () => Date;
  /** In [0, 1). */
  readonly random: () => number;
  /** The replica; a pod's name. */
  readonly instance: string;
  readonly limits?: Partial<EventLimits>;
  readonly onDrop: (reason: DropReason, entries: number) => void;
  /** Once, until a write succeeds. A namespace that is being deleted refuses in the same way. */
  readonly onForbidden?: (failure: ForbiddenEvent) => void;
}

export interface ForbiddenEvent {
  /** The scope that is needed, as one expression. */
  readonly missing: string;
  /** What the API server said. */
  readonly message: string;
}

/** So that what comes at once is written at once. */
const GATHER_MS = 1000;
const BATCH = 20;
const WRITE_SECONDS = 5;
const LAST_MS = 2000;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, clock, random, instance, onDrop } = options;
  const limits = { ...EVENT_LIMITS, ...options.limits };
  const queue = createEventQueue(limits, clock, options.now);
  const bell = createBell();
  let failures = 0;
  let toldForbidden = false;

  /** @returns whether to go on with the next one. */
  async function writeNext(series: EventSeries, signal: AbortSignal): Promise<boolean> {
    const { count } = series;
    try {
      await write(series, signal);
      series.written = count;
      series.failures = 0;
      failures = 0;
      toldForbidden = false;
      return true;
    } catch (error) {
      if (error instanceof CountersignError && error.retryable) return later(series);
      tellForbidden(series, error);
      drop(series, refusalOf(error) === undefined ? 'failed' : 'refused');
      return true;
    }
  }

  /** Whatever was lost on the way may have been written: then the other of both is what remains to be done. */
  async function write(series: EventSeries, signal: AbortSignal): Promise<void> {
    const { entry } = series;
    const path = eventsPath(entry.regarding);
    const name = eventName(entry, series, instance);
    const call = { timeoutSeconds: WRITE_SECONDS, signal };
    const create = () => client.post(path, eventOf(entry, series, instance), call);
    const patch = () => client.patch(`${path}/${name}`, seriesOf(series), call);
    const isNew = series.written === 0;
    try {
      await (isNew ? create() : patch());
    } catch (error) {
      const code = refusalOf(error)?.code;
      if (code !== (isNew ? 409 : 404)) throw error;
      if (isNew && series.count === 1) return;
      await (isNew ? patch() : create());
    }
  }

  function later(series: EventSeries): boolean {
    failures += 1;
    series.failures += 1;
    if (series.failures < limits.attempts) queue.putBack(series);
    else drop(series, 'failed');
    return false;
  }

  function drop(series: EventSeries, reason: DropReason): void {
    queue.forget(series);
    onDrop(reason, series.count - series.written);
  }

  function tellForbidden({ entry }: EventSeries, error: unknown): void {
    const refusal = refusalOf(error);
    if (refusal?.code !== 403 || toldForbidden) return;
    toldForbidden = true;
    const where = entry.regarding.namespace || 'default';
    options.onForbidden?.({
      missing: `create,patch events.events.k8s.io in ${where}`,
      message: refusal.message,
    });
  }

  async function writeBatch(signal: AbortSignal, size: number): Promise<void> {
    for (let written = 0; written < size && !signal.aborted; written += 1) {
      const series = queue.take();
      if (series === undefined || !(await writeNext(series, signal))) return;
    }
  }

  async function writeLast(): Promise<void> {
    const late = new AbortController();
    const cancel = clock.after(LAST_MS, () => late.abort());
    await writeBatch(late.signal, queue.pending.size);
    cancel();
    for (const series of queue.pending.values()) drop(series, 'stopped');
  }

  return {
    record(entry) {
      const refused = queue.add(entry);
      if (refused === undefined) bell.ring();
      else onDrop(refused, 1);
    },
    async run(signal) {
      while (!signal.aborted) {
        await bell.heard(queue.pending.size > 0, signal);
        await sleep(clock, failures === 0 ? GATHER_MS : backoffMs(failures, random()), signal);
        await writeBatch(signal, BATCH);
      }
      await writeLast();
    },
  };
}
