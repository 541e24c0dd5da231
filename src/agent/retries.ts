/**
 * When a thing that failed is tried again: each on its own, so that one secret that is refused for ever does
 * not keep the others waiting; but nothing is asked of Vault where it asks to be left alone.
 */
import { type Backoff, waitMilliseconds } from '../vault/backoff.ts';
import type { Failure } from './failure.ts';
import { type Clock, secondsNow } from './term.ts';

export interface Retries {
  /** Seconds since 1970, before which it is not tried. */
  notBefore(key: string): number;
  /** Seconds since 1970, before which nothing is asked of Vault. */
  quietUntil(): number;
  /** In how many milliseconds it is tried again. */
  failed(key: string, failures: readonly Failure[]): number;
  succeeded(key: string): void;
}

const backoff: Backoff = { baseMilliseconds: 1_000, capMilliseconds: 30_000 };

export function createRetries(clock: Clock): Retries {
  const failed = new Map<string, { readonly count: number; readonly notBefore: number }>();
  let quietUntil = 0;
  return {
    notBefore: (key) => failed.get(key)?.notBefore ?? 0,
    quietUntil: () => quietUntil,
    failed(key, failures) {
      const count = failed.get(key)?.count ?? 0;
      const asked = Math.max(0, ...failures.map(({ retryAfterSeconds }) => retryAfterSeconds ?? 0));
      const wait = waitMilliseconds(backoff, count, clock.random(), asked);
      const now = secondsNow(clock);
      if (asked > 0) quietUntil = Math.max(quietUntil, now + asked);
      failed.set(key, { count: count + 1, notBefore: now + wait / 1000 });
      return wait;
    },
    succeeded: (key) => void failed.delete(key),
  };
}
