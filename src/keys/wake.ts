import { type Clock, sleep } from '../kube/clock.ts';

/** A wait that can be cut short; what happens while nobody waits is not lost. */
export interface Wake {
  readonly wake: () => void;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export function createWake(clock: Clock): Wake {
  let pending = new AbortController();
  return {
    wake: () => pending.abort(),
    async wait(milliseconds, signal) {
      await sleep(clock, milliseconds, AbortSignal.any([signal, pending.signal]));
      pending = new AbortController();
    },
  };
}
