import type { Facts } from '../../admit/ports.ts';
import { CountersignError } from '../../core/errors.ts';
import { backoffMs } from '../../kube/backoff.ts';
import { sleep } from '../../kube/clock.ts';
import { createReflector, type Reflector, type Sink } from '../../kube/reflector.ts';
import { DECISIONS_PATH, GRANTS_PATH } from './entry.ts';
import {
  createGrantKeeper,
  type GrantKeeper,
  type GrantKeeperOptions,
  type KnownStanding,
} from './keeper.ts';

/**
 * The leader's part of the life of grants: their status, for people; what is told of them; and their end as evidence.
 * Replicas never look at a status, so nothing holds or ends by it.
 *
 * Needs `list`, `watch` and `delete` on accessgrants and accessdecisions, and `get` on accessgrants and `patch` on their
 * status.
 */
export interface KeepGrantsOptions extends GrantKeeperOptions {
  /** In [0, 1). */
  readonly random: () => number;
  readonly facts: GrantKeeperOptions['facts'] & Pick<Facts, 'freshness'>;
  readonly log: { warn(message: string, fields: Readonly<Record<string, string>>): void };
  /** After each round; empty when the leadership is over. */
  readonly onCounted: (standings: ReadonlyMap<string, KnownStanding>) => void;
}

const TICK_MS = 1000;
/** Policies and accounts change what a status says. */
const LOOK_AGAIN_MS = 60_000;

/** Never throws for what the API server does; ends with the signal. */
export async function keepGrants(options: KeepGrantsOptions, signal: AbortSignal): Promise<void> {
  const keeper = createGrantKeeper(options);
  const reflectors = [
    reflect(options, GRANTS_PATH, keeper.entries.grantSink),
    reflect(options, DECISIONS_PATH, keeper.entries.decisionSink),
  ];
  // Without all decisions a grant would seem to wait for one.
  const isKnown = () => reflectors.every(({ state }) => state.synced) && options.facts.freshness().synced;
  await Promise.all([...reflectors.map((one) => one.run(signal)), rounds(options, keeper, isKnown, signal)]);
  options.onCounted(new Map());
}

function reflect({ client, clock, random, log }: KeepGrantsOptions, path: string, sink: Sink): Reflector {
  let said: string | undefined;
  return createReflector({
    client,
    path,
    sink,
    clock,
    random,
    onChange({ failure }) {
      if (failure !== undefined && failure.code !== said)
        log.warn('grants cannot be watched', { failure: failure.message });
      said = failure?.code;
    },
  });
}

async function rounds(
  { clock, random, log, onCounted }: KeepGrantsOptions,
  keeper: GrantKeeper,
  isKnown: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  let lookAgain = clock.now() + LOOK_AGAIN_MS;
  while (!signal.aborted) {
    await sleep(clock, failures === 0 ? TICK_MS : backoffMs(failures, random()), signal);
    if (signal.aborted || !isKnown()) continue;
    if (clock.now() >= lookAgain) {
      lookAgain = clock.now() + LOOK_AGAIN_MS;
      keeper.touchAll();
    }
    try {
      await keeper.round(signal);
      failures = 0;
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      if (failures === 0 && !signal.aborted)
        log.warn('grants cannot be kept in order', { failure: error.message });
      failures += 1;
    }
    onCounted(keeper.standings);
  }
}
