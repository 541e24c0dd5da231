import { CountersignError } from '../core/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import { sleep } from './clock.ts';
import { createLeaseLock, type LeaseLockOptions } from './lease-lock.ts';
import { refusalOf } from './refusal.ts';

/**
 * One of several replicas leads (client-go/tools/leaderelection/leaderelection.go, without its coordinated mode).
 *
 * A leader that can't renew stops after 10 seconds; another one takes over no earlier than 15 seconds after it saw the
 * last renewal. Both are measured on clocks that never jump, so neither the wall clock nor other machines' clocks matter.
 *
 * Needs `get`, `update` on leases.coordination.k8s.io, which can be limited to the Lease's name, and `create`, which
 * can't.
 */
export interface LeaderElection {
  readonly leading: boolean;
  /**
   * Stands for election until the signal aborts, and does the work while it leads. Never throws: whatever fails is tried
   * again. One `run` at a time.
   */
  run(signal: AbortSignal, work: LeaderWork): Promise<void>;
}

/**
 * @param signal aborts when the leadership is over, or may be. The Lease is given back once the work has ended, and
 * the work begins anew in the next term, never twice at a time.
 */
export type LeaderWork = (signal: AbortSignal) => Promise<void>;

export interface LeaderElectionOptions extends LeaseLockOptions {
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly onChange?: (leading: boolean) => void;
}

const RENEW_DEADLINE_MS = 10_000;
const RETRY_MS = 2000;
const JITTER = 1.2;
/** How long the end of the process waits for work that was told to end. */
const WIND_DOWN_MS = 2000;

export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const { clock, random, log } = options;
  const lease = `${options.namespace}/${options.name}`;
  const lock = createLeaseLock(options);
  let heldUntil = Number.NEGATIVE_INFINITY;
  let told: string | undefined;

  const isLeading = () => clock.now() < heldUntil;

  function change(leading: boolean): void {
    if (!leading) heldUntil = Number.NEGATIVE_INFINITY;
    log.info(leading ? 'leading' : 'no longer leading', { lease });
    options.onChange?.(leading);
  }

  /** What fails again and again is told once. */
  function tell(error: unknown): void {
    const refused = refusalOf(error)?.code === 403;
    const code = refused ? 'missing' : codeOf(error);
    if (code === told) return;
    told = code;
    const missing = `missing: get,create,update leases.coordination.k8s.io in ${options.namespace}`;
    log.warn('the leader lease failed', { lease, failure: refused ? missing : textOf(error) });
  }

  async function attempt(signal: AbortSignal): Promise<void> {
    try {
      const sentAt = await lock.attempt(signal);
      told = undefined;
      heldUntil = sentAt === undefined ? Number.NEGATIVE_INFINITY : sentAt + RENEW_DEADLINE_MS;
    } catch (error) {
      if (!signal.aborted) tell(error);
    }
  }

  async function lead(signal: AbortSignal, work: LeaderWork): Promise<void> {
    const lost = new AbortController();
    const over = AbortSignal.any([signal, lost.signal]);
    change(true);
    const done = new AbortController();
    void Promise.try(() => work(over))
      .catch((error: unknown) => {
        log.warn('the work of the leader failed', { lease, failure: textOf(error) });
        lost.abort();
      })
      .finally(() => done.abort());
    while (!over.aborted) {
      const cancel = clock.after(heldUntil - clock.now(), () => lost.abort());
      await sleep(clock, RETRY_MS, over);
      if (!over.aborted) await attempt(over);
      cancel();
      if (!isLeading()) lost.abort();
    }
    change(false);
    await aborted(AbortSignal.any([signal, done.signal]));
    await sleep(clock, WIND_DOWN_MS, done.signal);
    // Work that goes on keeps the Lease until it expires.
    if (done.signal.aborted) await lock.release().catch(tell);
  }

  return {
    get leading() {
      return isLeading();
    },
    async run(signal, work) {
      while (!signal.aborted) {
        await attempt(signal);
        if (isLeading()) await lead(signal, work);
        await sleep(clock, RETRY_MS * (1 + random() * JITTER), signal);
      }
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof CountersignError ? error.code : 'unexpected';
}

function textOf(error: unknown): string {
  return error instanceof CountersignError ? error.message : 'unexpected';
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
