/** A release of the chart on a real node, with the real image, beside an OpenBao that knows the cluster, and a tenant. */
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { loadKubeAccess } from '../../src/kube/config.ts';
import { CHART, type Helm, helm } from './chart.ts';
import { letCountersignRead, openShop, trustCluster } from './kubernetes-auth.ts';
import type { TestNode } from './node.ts';
import { nodeImages } from './node-images.ts';
import { type OpenBao, startOpenBao } from './openbao.ts';
import type { ListenerOptions } from './vault-listener.ts';

export interface ChartRelease {
  readonly bao: OpenBao;
  /** With Pod Security "restricted", quota and limits; its account `api` logs in as role `api`. */
  readonly namespace: string;
  /** Of an administrator. */
  readonly client: KubeClient;
  /** Where the release is; `--values=-` are those of the tests. */
  helm(...args: readonly string[]): Promise<Helm>;
  /** From the chart, until every replica is ready. */
  install(...args: readonly string[]): Promise<void>;
  /** Without the hooks, whatever has become of it. */
  stop(): Promise<void>;
}

export interface ReleaseOptions {
  readonly password: string;
  /** What OpenBao listens with, beside TLS at the node's address. */
  readonly listener?: Omit<ListenerOptions, 'tls' | 'host'>;
  /** Countersign reads at Vault what accounts may do there. */
  readonly readsVault?: boolean;
}

export const OWN_NAMESPACE = 'countersign';

const own = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: OWN_NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};

/** Nothing is installed yet. */
export async function prepareRelease(node: TestNode, options: ReleaseOptions): Promise<ChartRelease> {
  const { password, listener, readsVault = false } = options;
  const { cluster } = node;
  const bao = await startOpenBao({ ...listener, tls: true, host: node.address });
  const namespace = await node.newRestrictedNamespace();
  await furnishShop(bao, node, { namespace, reviewers: namespace, password });
  await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(own) });
  const [repository, tag] = nodeImages.agent.split(':');
  const { address, ca } = bao;
  const facts = readsVault ? { facts: { role: 'countersign' } } : {};
  const values = JSON.stringify({
    image: { repository, tag, pullPolicy: 'Never' },
    config: { vaults: { default: { address, ca, ...facts } } },
  });
  const where = [`--namespace=${OWN_NAMESPACE}`, `--kubeconfig=${cluster.kubeconfig}`];
  const run = (...args: readonly string[]) => helm([...args, ...where], values);
  return {
    bao,
    namespace,
    client: createKubeClient(await loadKubeAccess({ kubeconfig: cluster.kubeconfig })),
    helm: run,
    async install(...args) {
      // The CRDs are there already, by kubectl.
      const flags = ['--values=-', '--take-ownership', '--wait', '--timeout=60s', ...args];
      const { code, err } = await run('install', 'countersign', CHART, ...flags);
      if (code === 0) return;
      const { stdout } = await cluster.kubectl(['describe', 'pods', '-n', OWN_NAMESPACE]);
      throw new Error(`${err}\n${stdout}`);
    },
    async stop() {
      await run('uninstall', 'countersign', '--ignore-not-found', '--wait', '--no-hooks');
      await bao.stop();
    },
  };
}

export interface Shop {
  readonly namespace: string;
  /** Where the account is that checks tokens for it; there is none yet. */
  readonly reviewers: string;
  readonly password: string;
}

/** All that an OpenBao holds for a release: the tenant's role and secret, and what Countersign itself may read. */
export async function furnishShop(bao: OpenBao, { cluster }: TestNode, shop: Shop): Promise<void> {
  const { namespace, reviewers, password } = shop;
  await trustCluster(bao, cluster, reviewers);
  await openShop(bao, namespace, { secret: { username: 'shop', password } });
  await letCountersignRead(bao);
}
