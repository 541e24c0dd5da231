import { CountersignError } from '../core/errors.ts';

/**
 * How long a decision may take: what the API server says it will wait (`?timeout=5s`), less what the answer needs to get
 * there. An answer that comes later than that is worth nothing, so work is given up in time to say why.
 */
export interface Deadline {
  /** Aborts with `ERR_DEADLINE`. */
  readonly signal: AbortSignal;
  /** By the clock, so it is true even while a busy event loop has not run the timer. */
  expired(): boolean;
  stop(): void;
}

/** `timeoutSeconds` of a webhook registration when it does not say, and its maximum (admissionregistration/v1/types.go). */
const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_TIMEOUT_MS = 30_000;
const ANSWER_MS = 500;

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Go's `time.Duration` as `String()` prints it, in milliseconds. `undefined`: not a duration, or a negative one. */
export function parseGoDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (text.length > 40 || !/^(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)/.test(text)) return undefined;
  let milliseconds = 0;
  let end = 0;
  for (const [part, amount = '', unit = ''] of text.matchAll(
    /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    milliseconds += Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
    end += part.length;
  }
  return end === text.length ? milliseconds : undefined;
}

/** What is left for the decision of the `timeout` parameter of a call. Half of it is kept however short it is. */
export function budgetMs(timeout: string | undefined): number {
  const asked = timeout === undefined ? undefined : parseGoDuration(timeout);
  const waits = asked === undefined || asked === 0 ? DEFAULT_TIMEOUT_MS : Math.min(asked, MAX_TIMEOUT_MS);
  return Math.max(waits - ANSWER_MS, waits / 2);
}

/** @param onExpiry runs after the signal has aborted. */
export function startDeadline(milliseconds: number, onExpiry?: () => void): Deadline {
  const controller = new AbortController();
  const endsAt = performance.now() + milliseconds;
  const timer = setTimeout(() => {
    controller.abort(
      new CountersignError('ERR_DEADLINE', 'the time for this admission is over', { retryable: true }),
    );
    onExpiry?.();
  }, milliseconds);
  return {
    signal: controller.signal,
    expired: () => performance.now() >= endsAt,
    stop: () => clearTimeout(timer),
  };
}
