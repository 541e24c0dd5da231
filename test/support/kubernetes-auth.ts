/** Lets a real OpenBao or Vault check tokens of a real cluster, the way it is done by hand. */
import type { ClusterClient } from '../../scripts/cluster/client.ts';
import type { VaultServer } from './vault-server.ts';

/** Mounts the kubernetes method, whose reviewer is a new account of `namespace`. */
export async function trustCluster(
  server: VaultServer,
  cluster: ClusterClient,
  namespace: string,
): Promise<void> {
  const account = { namespace, name: 'reviewer' };
  const binding = ['--clusterrole=system:auth-delegator', `--serviceaccount=${namespace}:reviewer`];
  await cluster.kubectl(['create', 'serviceaccount', 'reviewer', '-n', namespace]);
  await cluster.kubectl(['create', 'clusterrolebinding', `reviewer-${namespace}`, ...binding]);
  await server.call('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
  await server.call('POST', 'auth/kubernetes/config', {
    kubernetes_host: cluster.server,
    kubernetes_ca_cert: cluster.caPem,
    token_reviewer_jwt: await cluster.serviceAccountToken(account, 'https://kubernetes.default.svc'),
  });
}
