import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Config } from '../api/config.ts';
import type { Clock } from '../kube/clock.ts';
import { createNotifier, type Notifier, type Receiver } from '../notify/notifier.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface NotifyingOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: () => number;
  readonly now: () => Date;
  readonly logger: Pick<Logger, 'warn'>;
  readonly metrics: Pick<Metrics, 'notice'>;
}

/** Nobody is told anything where there are no receivers. */
export function notifying({ config, clock, random, now, logger, metrics }: NotifyingOptions): Notifier {
  return createNotifier(receiversOf(config), {
    clock,
    random,
    nowMs: () => now().getTime(),
    onOutcome: (receiver, outcome) => metrics.notice(receiver, outcome),
    // Not the address: a part of it may be known to few.
    onTrouble: (receiver, why) => logger.warn('a notice was not delivered', { receiver, failure: why }),
  });
}

function receiversOf({ notifications }: Config): readonly Receiver[] {
  return Object.entries(notifications).map(([name, receiver]) => {
    const { url, secretFile, events, headers, timeoutSeconds, caFile } = receiver;
    const ca = receiver.ca ?? (caFile === undefined ? undefined : readFileSync(caFile, 'utf8'));
    const key = () => readFile(secretFile);
    return { name, url: new URL(url), ca, events, headers: textsOf(headers), timeoutSeconds, key };
  });
}

/** The schema lets nothing but text through. */
function textsOf(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
