import type { Facts } from '../../src/admit/ports.ts';
import type { DenialsConfig } from '../../src/api/config-denials.ts';
import { isObject, type JsonObject, objectOf, textOf } from '../../src/core/json.ts';
import type { DeltaLimits } from '../../src/review/deltas.ts';
import { createDenialIndex, type DenialIndex } from '../../src/review/denials/denial-index.ts';
import { createDenialRecorder, type DenialRecorder } from '../../src/review/denials/recorder.ts';
import { createDenialWriter, type DenialWriter } from '../../src/review/denials/writer.ts';
import { createScrubber } from '../../src/telemetry/scrub.ts';
import { createManualClock, type ManualClock } from '../unit/kube/manual-clock.ts';
import { DENIED_MS } from './denials.ts';
import { createFakeObjects, type FakeConnection, type FakeObjects } from './fake-objects.ts';

/** Several replicas that record denials in one API server, each with what its watch has told it. */
export interface Replica {
  readonly connection: FakeConnection;
  readonly index: DenialIndex;
  readonly writer: DenialWriter;
  readonly recorder: DenialRecorder;
  readonly drops: Readonly<Record<string, number>>;
  readonly writes: Readonly<Record<string, number>>;
  readonly told: readonly string[];
}

export interface Replicas {
  readonly clock: ManualClock;
  readonly kube: FakeObjects;
  readonly now: () => Date;
  start(more?: ReplicaOptions): Replica;
  /** Time that passes, with the watches told of every change. */
  pass(seconds: number): Promise<void>;
  /** Of the Denials, by `NAMESPACE/NAME`. */
  stored(): ReadonlyMap<string, JsonObject>;
  stop(): Promise<void>;
}

export interface ReplicaOptions {
  readonly settings?: Partial<DenialsConfig>;
  readonly facts?: Pick<Facts, 'account' | 'workload'>;
  readonly limits?: Partial<DeltaLimits>;
}

export const DENIAL_SETTINGS: DenialsConfig = {
  enabled: true,
  maxPerNamespace: 100,
  maxPerRequester: 100,
  maxInCluster: 100,
  keepClosedSeconds: 100,
  expireAfterSeconds: 1000,
};

const NOBODY: Pick<Facts, 'account' | 'workload'> = { account: () => undefined, workload: () => undefined };

export function createReplicas(): Replicas {
  const clock = createManualClock();
  const kube = createFakeObjects(clock);
  const stop = new AbortController();
  const replicas: Replica[] = [];
  const running: Promise<void>[] = [];
  const now = () => new Date(DENIED_MS + clock.now());

  function watch(): void {
    const keys = new Set([...stored().keys()]);
    for (const { index } of replicas) {
      for (const [key, object] of stored()) {
        if (index.get(key)?.resourceVersion !== objectOf(object['metadata'])['resourceVersion'])
          index.put(object);
      }
      index.retain(keys);
    }
  }

  function stored(): ReadonlyMap<string, JsonObject> {
    return new Map(
      [...kube.objects.values()].filter(isObject).map((object) => {
        const { namespace, name } = objectOf(object['metadata']);
        return [`${textOf(namespace)}/${textOf(name)}`, object];
      }),
    );
  }

  return {
    clock,
    kube,
    now,
    stored,
    start({ settings, facts = NOBODY, limits } = {}) {
      const bounds = { ...DENIAL_SETTINGS, ...settings };
      const connection = kube.connect();
      const [drops, writes]: Record<string, number>[] = [{}, {}];
      const told: string[] = [];
      const count = (counts: Record<string, number> = {}, key: string, by = 1) => {
        counts[key] = (counts[key] ?? 0) + by;
      };
      const index: DenialIndex = createDenialIndex({
        maxEntries: 1000,
        onPut: (entry) => recorder.onKnown(entry),
      });
      const writer = createDenialWriter({
        client: connection.client,
        index,
        bounds,
        onWrite: (write) => count(writes, write),
        onBounded: (change) => count(drops, 'bounded', change.count),
      });
      const recorder: DenialRecorder = createDenialRecorder({
        clock,
        random: () => 0,
        now,
        facts,
        index,
        writer,
        ...(limits && { limits }),
        scrub: createScrubber().scrub,
        onDrop: (reason, refusals) => count(drops, reason, refusals),
        onRefused: (message) => told.push(message),
      });
      running.push(recorder.run(stop.signal));
      const replica = { connection, index, writer, recorder, drops: drops ?? {}, writes: writes ?? {}, told };
      replicas.push(replica);
      return replica;
    },
    async pass(seconds) {
      for (let step = 0; step < seconds * 2; step += 1) {
        for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
        watch();
        clock.advance(500);
      }
      await new Promise(setImmediate);
      watch();
    },
    async stop() {
      stop.abort();
      for (let turn = 0; turn < 8; turn += 1) {
        await new Promise(setImmediate);
        clock.advance(500);
      }
      await Promise.all(running);
    },
  };
}
