import type { Clock } from '../../kube/clock.ts';
import { sleep } from '../../kube/clock.ts';
import { waitMilliseconds } from '../../vault/backoff.ts';
import { FAILURES, failureOf, type VaultFailure } from './failure.ts';
import type { VaultTable } from './table.ts';

/** The table of one mount, read again and again. What was read last stays until it is read anew, however old. */
export interface Refresh {
  /** `undefined`: it has not been read once. */
  table(): VaultTable | undefined;
  /** Why it could not be read, the last time; `undefined`: it could. */
  failure(): VaultFailure | undefined;
  /** Milliseconds since the last time that it could be read. */
  ageMs(): number;
  /** Once, now; what went wrong is `failure`. */
  read(signal: AbortSignal): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

export interface RefreshOptions {
  readonly read: (signal: AbortSignal) => Promise<VaultTable>;
  readonly refreshSeconds: number;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** After each attempt. */
  readonly onChange: () => void;
}

const FIRST_WAIT_MS = 2000;

export function createRefresh({ read, refreshSeconds, clock, random, onChange }: RefreshOptions): Refresh {
  let table: VaultTable | undefined;
  let failure: VaultFailure | undefined = { code: 'NotYet', why: FAILURES.NotYet };
  let readMs = Number.NEGATIVE_INFINITY;
  let failures = 0;

  async function attempt(signal: AbortSignal): Promise<void> {
    const beganMs = clock.now();
    try {
      table = await read(signal);
      readMs = beganMs;
      failure = undefined;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failure = failureOf(error);
      failures += 1;
    }
    onChange();
  }

  function waitMs(): number {
    const regularMs = refreshSeconds * 1000;
    // Between 0.9 and 1.1 of it, so that replicas do not ask at the same moment.
    if (failures === 0) return regularMs * (0.9 + random() / 5);
    const backoff = { baseMilliseconds: FIRST_WAIT_MS, capMilliseconds: regularMs };
    return Math.max(FIRST_WAIT_MS / 2, waitMilliseconds(backoff, failures - 1, random(), undefined));
  }

  return {
    table: () => table,
    failure: () => failure,
    ageMs: () => clock.now() - readMs,
    read: attempt,
    async run(signal) {
      while (!signal.aborted) {
        await attempt(signal);
        await sleep(clock, waitMs(), signal);
      }
    },
  };
}
