import type { Clock } from '../kube/clock.ts';
import { createBuckets, type Rate } from './buckets.ts';
import type { EventEntry } from './event.ts';

/** What is to be written, and what was: both bounded, since strangers fill it. */
export interface EventQueue {
  /** Constant time. The reason why the entry is not taken; `undefined`: it is. */
  add(entry: EventEntry): 'overflow' | 'limited' | undefined;
  /** The next one to write, if the rates allow it. */
  take(): EventSeries | undefined;
  /** Behind all others. */
  putBack(series: EventSeries): void;
  /** The next entry of its key begins a new one. */
  forget(series: EventSeries): void;
  readonly pending: ReadonlyMap<string, EventSeries>;
}

/** The entries of one key. */
export interface EventSeries {
  /** The first of them. */
  readonly entry: EventEntry;
  readonly first: Date;
  last: Date;
  count: number;
  /** How many of them the API server knows of. */
  written: number;
  failures: number;
  /** On the clock of the queue. */
  seenAt: number;
}

export interface EventLimits {
  /** Events that wait to be written. */
  readonly pending: number;
  /** Events that were written and may come again. */
  readonly remembered: number;
  /** So long after its last entry a key begins a new Event. */
  readonly windowSeconds: number;
  /** What is written about one object, and in all. */
  readonly perObject: Rate;
  readonly inAll: Rate;
  /** Tries of one write, before it is given up. */
  readonly attempts: number;
}

export const EVENT_LIMITS: EventLimits = {
  pending: 1000,
  remembered: 1000,
  windowSeconds: 600,
  perObject: { burst: 10, perMinute: 2 },
  inAll: { burst: 50, perMinute: 300 },
  attempts: 5,
};

const ALL = '';

export function createEventQueue(limits: EventLimits, clock: Clock, now: () => Date): EventQueue {
  const pending = new Map<string, EventSeries>();
  /** Written, or being written; the longest ago first. */
  const known = new Map<string, EventSeries>();
  const perObject = createBuckets(limits.perObject, limits.remembered, clock);
  const inAll = createBuckets(limits.inAll, 1, clock);

  const isOver = ({ seenAt }: EventSeries) => clock.now() - seenAt > limits.windowSeconds * 1000;

  function begin(entry: EventEntry): EventSeries | undefined {
    if (!perObject.take(objectKey(entry))) return undefined;
    const at = now();
    return { entry, first: at, last: at, count: 0, written: 0, failures: 0, seenAt: clock.now() };
  }

  function remember(series: EventSeries): void {
    known.delete(series.entry.key);
    known.set(series.entry.key, series);
    for (const [key, oldest] of known) {
      if (known.size <= limits.remembered && !isOver(oldest)) return;
      known.delete(key);
    }
  }

  return {
    pending,
    add(entry) {
      const { key } = entry;
      const waiting = pending.get(key);
      if (waiting === undefined && pending.size >= limits.pending) return 'overflow';
      const before = known.get(key);
      const series = waiting ?? (before === undefined || isOver(before) ? begin(entry) : before);
      if (series === undefined) return 'limited';
      series.count += 1;
      series.last = now();
      series.seenAt = clock.now();
      pending.set(key, series);
      return undefined;
    },
    take() {
      if (!inAll.has(ALL)) return undefined;
      for (const [key, series] of pending) {
        // The token for its beginning was taken then.
        if (series.written > 0 && !perObject.take(objectKey(series.entry))) continue;
        inAll.take(ALL);
        pending.delete(key);
        remember(series);
        return series;
      }
      return undefined;
    },
    putBack(series) {
      const { key } = series.entry;
      if (!pending.has(key)) pending.set(key, series);
    },
    forget(series) {
      const { key } = series.entry;
      for (const map of [pending, known]) if (map.get(key) === series) map.delete(key);
    },
  };
}

function objectKey({ regarding: { namespace, kind, name } }: EventEntry): string {
  return `${namespace}/${kind}/${name}`;
}
