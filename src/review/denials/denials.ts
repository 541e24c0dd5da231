import type { Decided } from '../../admit/handler.ts';
import type { Facts } from '../../admit/ports.ts';
import type { DenialsConfig } from '../../api/config-denials.ts';
import { DENIALS_PATH, type DenialState } from '../../api/denial.ts';
import type { Notice } from '../../core/notice.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../kube/clock.ts';
import { createReflector } from '../../kube/reflector.ts';
import type { DeltaDrop, DeltaLimits } from '../deltas.ts';
import { keepDenials } from './controller.ts';
import { createDenialIndex } from './denial-index.ts';
import { openedNotice } from './denial-notice.ts';
import { createDenialRecorder } from './recorder.ts';
import { createDenialWriter, type DenialWrite } from './writer.ts';

/**
 * The Denials of a cluster: recorded and closed by every replica, aged, bounded and re-checked by the one that leads.
 *
 * Needs `get`, `list`, `watch`, `create` and `delete` on denials.countersign.dev and `patch` on their status.
 */
export interface Denials {
  /** Never throws and never waits. */
  onDecision(decided: Decided): void;
  /** In every replica. Never throws. */
  run(signal: AbortSignal): Promise<void>;
  /** In the one that leads. */
  lead(signal: AbortSignal): Promise<void>;
  /** Something was decided on a grant: the one that leads looks at once what becomes of its denial. */
  onGrant(): void;
  states(): ReadonlyMap<DenialState, number>;
}

/** `bounded`: there is no room, since what is there is refused more often. */
export type DenialDrop = DeltaDrop | 'bounded';

export interface DenialsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly now: () => Date;
  readonly facts: Facts;
  readonly factsMaxAgeSeconds: number;
  readonly settings: DenialsConfig;
  readonly limits?: Partial<DeltaLimits>;
  /** Takes out what looks like a credential. */
  readonly scrub: (text: string) => string;
  readonly log: { warn(message: string, fields: Readonly<Record<string, string>>): void };
  readonly onDrop: (reason: DenialDrop, refusals: number) => void;
  readonly onWrite: (write: DenialWrite) => void;
  readonly notify?: ((notice: Notice) => void) | undefined;
}

/** Room for what the leader has to take away. */
const INDEXED = 2;

export function createDenials(options: DenialsOptions): Denials {
  const { client, clock, random, settings, log, onDrop, onWrite } = options;
  let isWaited = false;
  const isWaitedFor = () => {
    const was = isWaited;
    isWaited = false;
    return was;
  };
  const index = createDenialIndex({
    maxEntries: INDEXED * settings.maxInCluster,
    onPut(entry) {
      recorder.onKnown(entry);
      if (entry.recheck !== undefined) isWaited = true;
    },
  });
  const writer = createDenialWriter({
    client,
    index,
    bounds: settings,
    onWrite,
    onOpened(created) {
      const notice = openedNotice(created);
      if (notice !== undefined) options.notify?.(notice);
    },
    onBounded: ({ count }) => onDrop('bounded', count),
  });
  const recorder = createDenialRecorder({
    ...options,
    index,
    writer,
    onRefused: (failure) => log.warn('denials cannot be written', { failure }),
  });
  const known = Promise.withResolvers<void>();
  const onFailure = (failure: string) => log.warn('denials cannot be kept in order', { failure });
  let said: string | undefined;
  const reflector = createReflector({
    client,
    path: DENIALS_PATH,
    sink: index,
    clock,
    random,
    onChange({ synced, failure }) {
      if (synced) known.resolve();
      if (failure !== undefined && failure.code !== said)
        log.warn('denials cannot be watched', { failure: failure.message });
      said = failure?.code;
    },
  });

  return {
    onDecision: (decided) => recorder.onDecision(decided),
    /** How much room there is shows only in the first list. */
    async run(signal) {
      const record = async () => {
        await Promise.race([known.promise, aborted(signal)]);
        await recorder.run(signal);
      };
      await Promise.all([reflector.run(signal), record()]);
    },
    async lead(signal) {
      await Promise.race([known.promise, aborted(signal)]);
      await keepDenials({ ...options, index, writer, isWaitedFor, onFailure }, signal);
    },
    onGrant() {
      isWaited = true;
    },
    states: () => index.states(),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
