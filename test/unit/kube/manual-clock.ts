import type { Clock } from '../../../src/kube/clock.ts';

/** Time that only passes when it is told to. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void;
  /** Milliseconds until each timer that is set, soonest first. */
  pending(): readonly number[];
}

export function createManualClock(): ManualClock {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    after(milliseconds, run) {
      const timer = { at: now + milliseconds, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(milliseconds) {
      now += milliseconds;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { run } of due) run();
    },
    pending: () => timers.map(({ at }) => at - now).toSorted((a, b) => a - b),
  };
}

/** Waits in real time for what the network brings. */
export async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2000; tries += 1) {
    if (done()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error('it did not happen within four seconds');
}
