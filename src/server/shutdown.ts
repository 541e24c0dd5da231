import type { Logger } from '../telemetry/logger.ts';
import type { Lifecycle } from './lifecycle.ts';

/**
 * The end, without losing a call: not ready at once, but answering on, because it takes seconds until no new call is sent
 * here; then no new connection; then what is under way is finished; then out. A second signal means now.
 */
export interface ShutdownOptions {
  readonly lifecycle: Lifecycle;
  /** Closed one after the other: the webhook first, the operations server last. */
  readonly servers: readonly ClosingServer[];
  /** Admission calls that are being answered now. */
  readonly inFlight: () => number;
  /** For everything else that keeps the process alive: watches, timers. */
  readonly stop?: () => void | Promise<void>;
  readonly logger: Logger;
  /** How long calls are still taken after the signal. */
  readonly graceSeconds: number;
  /** How long what is under way may take after that; then it is cut off. */
  readonly limitSeconds?: number;
  readonly signals: SignalSource;
  readonly exit: (code: number) => void;
}

export interface ClosingServer {
  readonly server: { closeIdleConnections(): void; closeAllConnections(): void };
  close(): PromiseLike<unknown>;
}

export interface SignalSource {
  on(signal: Signal, listener: () => void): unknown;
  off(signal: Signal, listener: () => void): unknown;
}

type Signal = 'SIGTERM' | 'SIGINT';

const SIGNALS: readonly Signal[] = ['SIGTERM', 'SIGINT'];
/** Longer than the API server waits for any of our endpoints. */
const LIMIT_SECONDS = 10;

/**
 * An answered connection stays open for the next call, and nobody else ends it: waiting for it took 74 s, longer than the
 * kubelet waits. One that was opened and never used does not count as idle, so after a quiet second all are ended.
 */
const SWEEP_MS = 100;
const QUIET_SWEEPS = 10;

/** @returns takes the listeners off again */
export function installShutdown(options: ShutdownOptions): () => void {
  const { logger, exit, signals } = options;
  let began = false;
  const onSignal = () => {
    if (began) {
      logger.error('second signal: leaving now');
      exit(1);
      return;
    }
    began = true;
    void leave(options);
  };
  for (const signal of SIGNALS) signals.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) signals.off(signal, onSignal);
  };
}

async function leave(options: ShutdownOptions): Promise<void> {
  options.exit(await shutDown(options));
}

/** @returns the exit code: 0, or 1 when calls had to be cut off or something failed */
export async function shutDown(options: Omit<ShutdownOptions, 'signals' | 'exit'>): Promise<number> {
  const { lifecycle, servers, inFlight, stop, logger, graceSeconds, limitSeconds = LIMIT_SECONDS } = options;
  logger.info('shutting down', { graceSeconds });
  lifecycle.drain();
  await sleep(graceSeconds * 1000);
  let cutOff = 0;
  try {
    for (const server of servers) cutOff += await close(server, inFlight, limitSeconds * 1000);
    await stop?.();
  } catch (error) {
    logger.error('shutdown failed', { cause: error instanceof Error ? error.message : String(error) });
    return 1;
  }
  if (cutOff > 0) logger.error('shut down before every call was answered', { calls: cutOff });
  else logger.info('shut down');
  return cutOff === 0 ? 0 : 1;
}

/** @returns how many calls were cut off */
async function close(app: ClosingServer, inFlight: () => number, limitMs: number): Promise<number> {
  const endsAt = performance.now() + limitMs;
  let quiet = 0;
  let cutOff = 0;
  const sweep = setInterval(() => {
    const calls = inFlight();
    quiet = calls === 0 ? quiet + 1 : 0;
    if (quiet < QUIET_SWEEPS && performance.now() < endsAt) {
      app.server.closeIdleConnections();
      return;
    }
    cutOff = Math.max(cutOff, calls);
    app.server.closeAllConnections();
  }, SWEEP_MS);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
  }
  return cutOff;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
