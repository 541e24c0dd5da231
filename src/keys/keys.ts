import type { KeysConfig } from '../api/config-keys.ts';
import type { KubeClient } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import { createReflector } from '../kube/reflector.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type FollowedKeys, followKeys } from './follow.ts';
import { createIntroduction, type Introduction } from './introduction.ts';
import { createKeeper } from './keeper.ts';
import { ADMISSION_PATH, CONFIGURATIONS, createRegistrations } from './registrations.ts';

/** The Secret of keys in a running replica. */
export interface ClusterKeys {
  readonly followed: FollowedKeys;
  readonly introduction: Pick<Introduction, 'problem'>;
  /** What the leader does for it. */
  lead(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterKeysOptions {
  readonly config: KeysConfig;
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function startKeys({ config, client, logger, metrics }: ClusterKeysOptions): ClusterKeys {
  const { namespace, secret: name, tls, settleSeconds, configurations } = config;
  const selfSigned = tls === 'SelfSigned';
  const parts = { client, clock: systemClock, random: Math.random, now: () => new Date(), log: logger };
  const stop = new AbortController();
  const followed = followKeys({ ...parts, namespace, name, tls: selfSigned });
  const registrations = createRegistrations({
    client,
    name: configurations,
    log: logger,
    onHealed: (resource) => metrics.registrationHealed(resource),
  });
  const keeper = createKeeper({
    ...parts,
    namespace,
    name,
    names: selfSigned ? servingNames(config) : undefined,
    settleMs: settleSeconds * 1000,
    followed,
    registrations,
  });
  followed.onChange(keeper.wake);
  metrics.watch('registrationsWrong', () => registrations.wrong);
  metrics.watch('keysUnusable', () => (followed.problem === undefined ? 0 : 1));
  const watches = CONFIGURATIONS.map((resource) =>
    createReflector({
      ...parts,
      path: `${ADMISSION_PATH}/${resource}`,
      query: { fieldSelector: `metadata.name=${configurations}` },
      sink: wakingSink(keeper.wake),
      onChange: () => undefined,
    }),
  );
  const introduction = createIntroduction({ ...parts, name: configurations, followed });
  const running = [followed.run(stop.signal), introduction.run(stop.signal)];
  return {
    followed,
    introduction,
    async lead(signal) {
      await Promise.all([keeper.run(signal), ...watches.map((watch) => watch.run(signal))]);
    },
    async stop() {
      stop.abort();
      await Promise.all(running);
    },
  };
}

/** A Service is called by the first of these. */
function servingNames({
  serviceName,
  namespace,
}: Pick<KeysConfig, 'serviceName' | 'namespace'>): readonly string[] {
  const name = `${serviceName}.${namespace}`;
  return [`${name}.svc`, `${name}.svc.cluster.local`, name];
}

/** The objects are read again by who is woken; what matters here is that one has changed. */
function wakingSink(wake: () => void) {
  return {
    put() {
      wake();
      return 'one';
    },
    drop: wake,
    retain: () => undefined,
  };
}
