import type { Facts, LiveTruth } from '../admit/ports.ts';
import type { Config } from '../api/config.ts';
import { vaultFactsSettings } from '../config/vault-facts.ts';
import { watchCluster } from '../facts/cluster/cluster.ts';
import { createLiveTruth } from '../facts/cluster/live.ts';
import type { LoadedFolder } from '../facts/folder/folder.ts';
import type { FolderProblem } from '../facts/folder/problem.ts';
import { type VaultState, watchVaults } from '../facts/vault/watch.ts';
import { labelsIn, withVaults } from '../facts/with-vaults.ts';
import type { World } from '../facts/world.ts';
import { createKubeClient, type KubeClient } from '../kube/client.ts';
import { loadKubeAccess } from '../kube/config.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { vaultCodeOf } from '../telemetry/vault-code.ts';
import { fieldsFirst } from './fields-first.ts';

/** Where the facts of a server come from. */
export interface Source {
  readonly facts: Facts;
  /** Absent: there is no API server to ask. */
  readonly cluster?: ClusterSource | undefined;
  /** What is wrong with them in the beginning: then nothing is served. */
  readonly problems: readonly FolderProblem[];
  /** What is wrong with them now: told by /readyz and the log. */
  readonly complaints: () => readonly string[];
  readonly stop: () => Promise<void>;
}

export interface ClusterSource {
  readonly client: KubeClient;
  readonly live: LiveTruth;
  readonly policyStates: World['policyStates'];
  /** How long ago each kind was last heard of, in seconds. */
  readonly ages: () => ReadonlyMap<string, number>;
  readonly vaultStates: () => readonly VaultState[];
}

export function fromFolder({ world, problems, counts }: LoadedFolder, logger: Logger): Source {
  if (counts.links > 0) logger.warn('symbolic links are not followed', { links: counts.links });
  return { facts: world, problems, complaints: () => [], stop: async () => undefined };
}

export async function fromCluster(
  config: Config,
  logger: Logger,
  metrics: Pick<Metrics, 'vaultRequest'>,
): Promise<Source> {
  const { kubeconfig, context } = config.cluster;
  const access = await loadKubeAccess({
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  });
  const stop = new AbortController();
  const log = fieldsFirst(logger);
  const client = createKubeClient(access);
  const facts = watchCluster({ client, signal: stop.signal, log });
  const { world } = facts;
  const vaults = watchVaults(vaultFactsSettings(config), {
    labelsOf: (account) => labelsIn(world, account),
    factsMaxAgeSeconds: config.factsMaxAgeSeconds,
    signal: stop.signal,
    log,
    onExchange: (vault, ended) => metrics.vaultRequest(vault, vaultCodeOf(ended)),
  });
  return {
    facts: withVaults(world, vaults),
    cluster: {
      client,
      live: { ...createLiveTruth(client), ...vaults.live },
      policyStates: () => world.policyStates(),
      ages: () => facts.ages(),
      vaultStates: () => vaults.states(),
    },
    problems: [],
    complaints: () => [...facts.problems(), ...vaults.problems()],
    async stop() {
      stop.abort();
      await Promise.all([facts.done, vaults.done]);
    },
  };
}
