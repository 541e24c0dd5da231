import type { Facts } from '../admit/ports.ts';
import type { Config } from '../api/config.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { EventRecorder } from '../review/events.ts';
import { keepGrants } from '../review/grants/keep.ts';
import type { KnownStanding } from '../review/grants/keeper.ts';
import { createGrantUses, type GrantUses } from '../review/grants/uses.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface GrantKeepingOptions extends Pick<Notifier, 'notify'> {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly now: () => Date;
  readonly config: Config;
  readonly facts: Facts;
  readonly recorder: Pick<EventRecorder, 'record'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The state of a grant has changed. */
  readonly onTurn: () => void;
}

/** Uses are counted in every replica; the rest of a grant's life is kept by the one that leads. */
export interface GrantKeeping extends GrantUses {
  lead(signal: AbortSignal): Promise<void>;
}

export function grantKeeping(options: GrantKeepingOptions): GrantKeeping {
  const { config, logger, metrics, now, notify, onTurn } = options;
  let standings: ReadonlyMap<string, KnownStanding> = new Map();
  metrics.watchEach('grants', () =>
    Map.groupBy(standings.values(), ({ state }) => state)
      .entries()
      .map(([state, of]) => [state, of.length] as const),
  );
  metrics.watch('grantNextExpirySeconds', () => {
    const ends = [...standings.values()].map(({ expiresAtMs = Infinity }) => expiresAtMs);
    return Math.max(0, (Math.min(...ends) - now().getTime()) / 1000);
  });
  const uses = createGrantUses({
    ...options,
    onUsed: (count) => metrics.grantUsed(count),
    onDrop: (reason, count) => metrics.grantUsesDropped(reason, count),
    onRefused: (failure) => logger.warn('uses of grants cannot be written', { failure }),
  });
  return {
    ...uses,
    lead: (signal) =>
      keepGrants(
        {
          ...options,
          settings: config.grants,
          factsMaxAgeSeconds: config.factsMaxAgeSeconds,
          log: logger,
          notify(notice) {
            onTurn();
            notify(notice);
          },
          onCounted: (counted) => void (standings = counted),
        },
        signal,
      ),
  };
}
