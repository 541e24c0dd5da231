/**
 * How long to wait before asking again: full jitter, so that a thousand pods do not ask at the same moment.
 */
export interface Backoff {
  readonly baseMilliseconds: number;
  readonly capMilliseconds: number;
}

/**
 * `attempt` counts from 0; `random` is in [0, 1). Longer when the other side asked for it (`Retry-After`).
 */
export function waitMilliseconds(
  backoff: Backoff,
  attempt: number,
  random: number,
  retryAfterSeconds: number | undefined,
): number {
  const ceiling = Math.min(backoff.capMilliseconds, backoff.baseMilliseconds * 2 ** attempt);
  const asked = (retryAfterSeconds ?? 0) * 1000;
  return Math.round(Math.max(asked, random * ceiling));
}
