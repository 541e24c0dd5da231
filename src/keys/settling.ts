import type { Clock } from '../kube/clock.ts';

/** How long something has been so without a break, measured by who watches it: a new leader waits again. */
export interface Settling {
  /**
   * @param state what it is about: another state starts from nothing
   * @param holds whether it is so now
   */
  settled(what: string, state: string, holds: boolean): boolean;
}

export function createSettling(clock: Clock, settleMs: number): Settling {
  const since = new Map<string, { readonly state: string; readonly at: number }>();
  return {
    settled(what, state, holds) {
      if (!holds) {
        since.delete(what);
        return false;
      }
      const before = since.get(what);
      if (before?.state === state) return clock.now() - before.at >= settleMs;
      since.set(what, { state, at: clock.now() });
      return false;
    },
  };
}
