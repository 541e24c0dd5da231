/** Lets a real OpenBao or Vault check tokens of a real cluster, the way it is done by hand. */
import { readFile } from 'node:fs/promises';
import type { ClusterClient } from '../../scripts/cluster/client.ts';
import type { VaultServer } from './vault-server.ts';

/** Mounts the kubernetes method if it is not there, with a new account of `namespace` as its reviewer. */
export async function trustCluster(
  server: VaultServer,
  cluster: ClusterClient,
  namespace: string,
): Promise<void> {
  const account = { namespace, name: 'reviewer' };
  const binding = ['--clusterrole=system:auth-delegator', `--serviceaccount=${namespace}:reviewer`];
  await cluster.kubectl(['create', 'serviceaccount', 'reviewer', '-n', namespace]);
  await cluster.kubectl(['create', 'clusterrolebinding', `reviewer-${namespace}`, ...binding]);
  const mounted = await server.call('GET', 'sys/auth');
  if (!JSON.stringify(mounted).includes('kubernetes/'))
    await server.call('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
  await server.call('POST', 'auth/kubernetes/config', {
    kubernetes_host: cluster.server,
    kubernetes_ca_cert: cluster.caPem,
    token_reviewer_jwt: await cluster.serviceAccountToken(account, 'https://kubernetes.default.svc'),
  });
}

/** A role `api` for those accounts of `namespace`, which reads `secret/data/shop/*`, and a secret `db` there. */
export async function openShop(
  server: VaultServer,
  namespace: string,
  { accounts = 'api', secret }: { readonly accounts?: string; readonly secret: object },
): Promise<void> {
  await server.call('POST', 'sys/policies/acl/shop', {
    policy: 'path "secret/data/shop/*" { capabilities = ["read"] }',
  });
  await admit(server, 'api', namespace, { accounts });
  await server.call('POST', 'secret/data/shop/db', { data: secret });
}

/** A role for accounts of `namespace`, with the policy `shop`. */
export async function admit(
  server: VaultServer,
  role: string,
  namespace: string,
  {
    accounts = 'api',
    ttl = '10m',
    maxTtl = '0',
  }: { readonly accounts?: string; readonly ttl?: string; readonly maxTtl?: string } = {},
): Promise<void> {
  await server.call('POST', `auth/kubernetes/role/${role}`, {
    bound_service_account_names: accounts,
    bound_service_account_namespaces: namespace,
    audience: 'vault',
    token_policies: 'shop',
    token_ttl: ttl,
    token_max_ttl: maxTtl,
  });
}

/**
 * Lets Countersign's own account read what it has to, by the policy that ships and a role of the same name.
 * @param more text that is added to the policy
 */
export async function letCountersignRead(server: VaultServer, more = ''): Promise<void> {
  const shipped = await readFile('manifests/vault/countersign.hcl', 'utf8');
  await server.call('POST', 'sys/policies/acl/countersign', { policy: `${shipped}\n${more}` });
  await server.call('POST', 'auth/kubernetes/role/countersign', {
    bound_service_account_names: 'countersign',
    bound_service_account_namespaces: 'countersign',
    audience: 'vault',
    token_policies: 'countersign',
    token_no_default_policy: true,
  });
}
