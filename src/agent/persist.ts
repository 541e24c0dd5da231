/** When to try again and when to give up. */
import { type Backoff, waitMilliseconds } from '../vault/backoff.ts';
import { type Attempt, sentence } from './failure.ts';
import type { AgentHost } from './host.ts';
import type { Log } from './log.ts';

export interface Patience {
  /** When the agent gives up, in milliseconds since 1970. */
  readonly untilMilliseconds: number;
  /** How long a no from Vault is doubted: its role or policy may be as new as the pod. */
  readonly refusalSeconds: number;
}

const backoff: Backoff = { baseMilliseconds: 500, capMilliseconds: 15_000 };

/**
 * Makes rounds until one succeeds, or until going on is of no use: the answer is then what failed in the last
 * round.
 */
export async function persist<T>(
  host: AgentHost,
  log: Log,
  patience: Patience,
  round: () => Promise<Attempt<T>>,
): Promise<Attempt<T>> {
  let refusedAt: number | undefined;
  for (let count = 0; ; count += 1) {
    const attempt = await round();
    if ('value' in attempt) return attempt;

    const { failures } = attempt;
    if (failures.some(({ kind }) => kind === 'alarm')) return attempt;
    const now = host.now();
    refusedAt = failures.every((failure) => failure.retryable) ? undefined : (refusedAt ?? now);
    const doubtUntil =
      refusedAt === undefined ? Number.POSITIVE_INFINITY : refusedAt + patience.refusalSeconds * 1000;
    const asked = Math.max(...failures.map((failure) => failure.retryAfterSeconds ?? 0));
    const wait = waitMilliseconds(backoff, count, host.random(), asked);
    if (now + wait > Math.min(patience.untilMilliseconds, doubtUntil)) return attempt;
    log.warn('trying again', { cause: sentence(failures), waitMilliseconds: wait });
    await host.sleep(wait);
  }
}
