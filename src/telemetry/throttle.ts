/** How often something that a stranger can cause is written to the log. */
export interface Throttle {
  /** `undefined`: say nothing now. Otherwise how many times nothing was said since the last time. */
  pass(): number | undefined;
}

/** @param now milliseconds on a clock that never goes back */
export function createThrottle(intervalMs: number, now: () => number = () => performance.now()): Throttle {
  let next = Number.NEGATIVE_INFINITY;
  let suppressed = 0;
  return {
    pass() {
      if (now() < next) {
        suppressed += 1;
        return undefined;
      }
      const unsaid = suppressed;
      next = now() + intervalMs;
      suppressed = 0;
      return unsaid;
    },
  };
}
