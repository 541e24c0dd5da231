import type { Facts } from '../admit/ports.ts';
import type { Config } from '../api/config.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import { createDenials, type Denials, type DenialsOptions } from '../review/denials/denials.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createScrubber } from '../telemetry/scrub.ts';

export interface DenialRecordingOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly now: () => Date;
  readonly config: Config;
  readonly facts: Facts;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly leads: () => boolean;
  readonly notify?: DenialsOptions['notify'];
}

/** `undefined`: refusals are not recorded. */
export function denialRecording(options: DenialRecordingOptions): Denials | undefined {
  const { config, logger, metrics, leads } = options;
  const denials = config.denials.enabled
    ? createDenials({
        ...options,
        factsMaxAgeSeconds: config.factsMaxAgeSeconds,
        settings: config.denials,
        scrub: createScrubber().scrub,
        log: logger,
        onDrop: (reason, refusals) => metrics.denialsDropped(reason, refusals),
        onWrite: (write) => metrics.denialWrite(write),
      })
    : undefined;
  metrics.watchEach('denials', () => (denials !== undefined && leads() ? denials.states() : []));
  return denials;
}
