import { CountersignError } from '../core/errors.ts';
import { backoffMs } from '../kube/backoff.ts';
import { type Clock, sleep } from '../kube/clock.ts';
import { refusalOf } from '../kube/refusal.ts';
import { createBell } from './bell.ts';
import { createBuckets } from './buckets.ts';

/**
 * Changes to objects of the API server, gathered by key and written together: whoever makes them never waits, and however
 * many come, so many keys are kept and so many a second are written. What an answer that was lost may have written already
 * is written again.
 */
export interface Deltas<Delta> {
  /** Never throws; constant time. An urgent one is written within a second, others within five. */
  add(key: string, delta: Delta, urgency?: 'urgent'): void;
  has(key: string): boolean;
  readonly size: number;
  /** Writes until the signal aborts, then once more for two seconds at most. Never throws. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * `overflow`: too many wait. `refused`: the API server does not take it, or its namespace is gone. `failed`: no answer
 * after several tries. `stopped`: the process ended.
 */
export type DeltaDrop = 'overflow' | 'refused' | 'failed' | 'stopped';

export interface DeltasOptions<Delta> {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly limits?: Partial<DeltaLimits>;
  /** Both as one. */
  readonly merge: (older: Delta, newer: Delta) => Delta;
  /** Of several that might go, the lightest goes. */
  readonly weight: (delta: Delta) => number;
  readonly write: (key: string, delta: Delta, signal: AbortSignal) => Promise<void>;
  readonly onDrop: (reason: DeltaDrop, delta: Delta, error?: unknown) => void;
}

export interface DeltaLimits {
  readonly keys: number;
  readonly writesPerSecond: number;
  /** Tries of one write, before it is given up. */
  readonly attempts: number;
}

const LIMITS: DeltaLimits = { keys: 1000, writesPerSecond: 20, attempts: 5 };
const TICK_MS = 1000;
const PERIOD_MS = 5000;
const LAST_MS = 2000;
/** How many of the oldest are looked at for the one that goes. */
const CANDIDATES = 8;
const ALL = '';

interface Waiting<Delta> {
  readonly delta: Delta;
  readonly dueAt: number;
  readonly failures: number;
}

export function createDeltas<Delta>(options: DeltasOptions<Delta>): Deltas<Delta> {
  const { clock, random, merge, weight, write, onDrop } = options;
  const limits = { ...LIMITS, ...options.limits };
  const rate = { burst: limits.writesPerSecond, perMinute: 60 * limits.writesPerSecond };
  const tokens = createBuckets(rate, 1, clock);
  const waiting = new Map<string, Waiting<Delta>>();
  const bell = createBell();
  let failures = 0;

  function makeRoom(): void {
    let lightest: { readonly key: string; readonly delta: Delta; readonly weighs: number } | undefined;
    let seen = 0;
    for (const [key, { delta }] of waiting) {
      const weighs = weight(delta);
      if (lightest === undefined || weighs < lightest.weighs) lightest = { key, delta, weighs };
      seen += 1;
      if (seen === CANDIDATES) break;
    }
    if (lightest === undefined) return;
    waiting.delete(lightest.key);
    onDrop('overflow', lightest.delta);
  }

  function add(key: string, delta: Delta, dueAt: number, failed = 0): void {
    const before = waiting.get(key);
    if (before === undefined && waiting.size >= limits.keys) makeRoom();
    waiting.set(key, {
      delta: before === undefined ? delta : merge(before.delta, delta),
      dueAt: Math.min(dueAt, before?.dueAt ?? dueAt),
      failures: Math.max(failed, before?.failures ?? 0),
    });
  }

  /** @returns whether to go on with the next one. */
  async function writeOne(key: string, { delta, ...entry }: Waiting<Delta>, signal: AbortSignal) {
    waiting.delete(key);
    try {
      await write(key, delta, signal);
      failures = 0;
      return true;
    } catch (error) {
      if (!isRetryable(error)) {
        onDrop(refusalOf(error) === undefined ? 'failed' : 'refused', delta, error);
        return true;
      }
      failures += 1;
      // What came meanwhile is newer: put behind it, and merged with it, when it is written.
      const newer = waiting.get(key);
      waiting.delete(key);
      const failed = entry.failures + 1;
      if (failed >= limits.attempts) onDrop('failed', delta, error);
      else add(key, delta, entry.dueAt, failed);
      if (newer !== undefined) add(key, newer.delta, newer.dueAt, newer.failures);
      return false;
    }
  }

  async function flush(signal: AbortSignal, isLast = false): Promise<void> {
    for (const [key, entry] of [...waiting]) {
      if (signal.aborted) return;
      if (!isLast && entry.dueAt > clock.now()) continue;
      if (!isLast && !tokens.take(ALL)) return;
      const current = waiting.get(key);
      if (current !== undefined && !(await writeOne(key, current, signal))) return;
    }
  }

  async function flushLast(): Promise<void> {
    const late = new AbortController();
    const cancel = clock.after(LAST_MS, () => late.abort());
    await flush(late.signal, true);
    cancel();
    for (const { delta } of waiting.values()) onDrop('stopped', delta);
    waiting.clear();
  }

  return {
    add(key, delta, urgency) {
      add(key, delta, clock.now() + (urgency === undefined ? PERIOD_MS : 0));
      bell.ring();
    },
    has: (key) => waiting.has(key),
    get size() {
      return waiting.size;
    },
    async run(signal) {
      while (!signal.aborted) {
        await bell.heard(waiting.size > 0, signal);
        await sleep(clock, failures === 0 ? TICK_MS : backoffMs(failures, random()), signal);
        if (!signal.aborted) await flush(signal);
      }
      await flushLast();
    },
  };
}

/** Somebody else was faster again and again: that passes as well. */
function isRetryable(error: unknown): boolean {
  return error instanceof CountersignError && (error.retryable || refusalOf(error)?.code === 409);
}
