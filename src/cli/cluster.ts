import type { Command } from 'commander';
import { createDesk } from '../desk/cluster-desk.ts';
import type { Desk } from '../desk/desk.ts';
import { createKubeClient, type KubeClient } from '../kube/client.ts';
import { loadKubeAccess } from '../kube/config.ts';

/** The cluster as a person sees it, found as kubectl finds it. */
export interface Viewed {
  readonly client: KubeClient;
  readonly desk: Desk;
  /** Of the kubeconfig. */
  readonly context: string;
  /** The one that was asked for, else that of the context. */
  readonly namespace: string;
  /** Asked for by name. */
  readonly named: boolean;
  readonly allNamespaces: boolean;
  readonly nowMs: number;
}

export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
}

/** The options that kubectl has for the same. */
export function withCluster(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'namespace; default: that of the context')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <FILE>', 'kubeconfig of the cluster; default: as kubectl finds it');
}

export function withAllNamespaces(command: Command): Command {
  return withCluster(command).option('-A, --all-namespaces', 'of every namespace');
}

export async function viewCluster(options: ClusterOptions): Promise<Viewed> {
  const { kubeconfig, context, allNamespaces = false } = options;
  const access = await loadKubeAccess({
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  });
  const client = createKubeClient(access);
  const namespace = options.namespace ?? access.namespace ?? 'default';
  return {
    client,
    desk: createDesk(client, { namespace }),
    context: access.context,
    namespace,
    named: options.namespace !== undefined,
    allNamespaces,
    nowMs: Date.now(),
  };
}
