import type { Clock } from '../../kube/clock.ts';

/**
 * Questions to the API server that many admissions may have at once. The same question under way is shared, and one that
 * is asked too often is answered from memory, so that a ReplicaSet whose pods are refused again and again can't flood the
 * API server. A person who tries again after a fix is heard afresh.
 */
export interface Questions<T> {
  /** `undefined`: no answer before the signal aborted, or none at all. */
  ask(key: string, put: () => Promise<T | undefined>, signal: AbortSignal): Promise<T | undefined>;
}

const WINDOW_MS = 2000;
/** Of the same question, in one window. */
const MAX_ASKED = 3;
const MAX_ENTRIES = 1000;

interface Entry<T> {
  asked: readonly number[];
  underWay: Promise<T | undefined> | undefined;
  last: T | undefined;
}

export function createQuestions<T>(clock: Clock): Questions<T> {
  const entries = new Map<string, Entry<T>>();

  function entryOf(key: string): Entry<T> {
    const known = entries.get(key) ?? { asked: [], underWay: undefined, last: undefined };
    // The one that was asked last is last, so the first is the one to forget.
    entries.delete(key);
    entries.set(key, known);
    const [oldest] = entries.keys();
    if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
    return known;
  }

  return {
    ask(key, put, signal) {
      const entry = entryOf(key);
      const now = clock.now();
      entry.asked = entry.asked.filter((at) => now - at < WINDOW_MS);
      if (entry.underWay === undefined && entry.asked.length >= MAX_ASKED) return Promise.resolve(entry.last);
      if (entry.underWay === undefined) {
        entry.asked = [...entry.asked, now];
        entry.underWay = put()
          .then((answer) => {
            entry.last = answer;
            return answer;
          })
          .finally(() => {
            entry.underWay = undefined;
          });
      }
      return orAborted(entry.underWay, signal);
    },
  };
}

/** `undefined` when the signal aborts before the answer. */
export function orAborted<T>(answer: Promise<T | undefined>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const abort = () => resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
