/** What tests on the real cluster apply again and again. */
import type { ClusterClient } from '../../scripts/cluster/client.ts';
import { newNamespace } from './cluster.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** A Vault that nobody asks anything. */
export const NO_VAULT = { address: 'https://vault.invalid:8200' } as const;

export const DENY_EVERY_RISK = { critical: 'Deny', high: 'Deny', medium: 'Deny', low: 'Deny' } as const;

/** `kubectl apply` of all of them at once; it may be refused. */
export function applyTo(
  cluster: ClusterClient,
  ...objects: readonly object[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  return cluster.kubectl(['apply', '-f', '-'], { input, allowFailure: true });
}

/** A new namespace in which denials bite, with the account `api`. */
export async function enforcedNamespace(cluster: ClusterClient, label: string): Promise<string> {
  const namespace = await newNamespace(cluster, { 'countersign.dev/enforce': 'true', [label]: 'true' });
  await cluster.kubectl(['create', 'serviceaccount', 'api', '-n', namespace]);
  return namespace;
}

/** A Role of that name that gets one resource, and its binding to the account `api`. */
export function granted(
  namespace: string,
  name: string,
  resource: string,
): readonly [role: object, binding: object] {
  const metadata = { namespace, name };
  const rules = [{ apiGroups: [''], resources: [resource], verbs: ['get'] }];
  return [
    { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', namespace, name: 'api' }],
    },
  ];
}
