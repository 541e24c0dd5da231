import type { JsonObject } from '../../src/core/json.ts';
import { type MemoryKube, type MemoryOptions, memoryKube } from './memory-kube.ts';

/** A cluster whose shop holds too much and too little, as far as lists go. */

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const SUBJECTS = [{ kind: 'ServiceAccount', name: 'api', namespace: 'shop' }];

function discovery(
  group: string,
  version: string,
  ...resources: readonly (readonly [string, string])[]
): object {
  return {
    metadata: { name: group },
    versions: [{ version, resources: resources.map(([resource, scope]) => ({ resource, scope })) }],
  };
}

export function shopCluster(
  options: MemoryOptions,
  needs: string | undefined = 'get pods, configmaps',
): MemoryKube {
  const kube = memoryKube(options);
  const list = (items: readonly object[]) => ({ kind: 'APIGroupDiscoveryList', items });
  const core = ['pods', 'secrets', 'configmaps', 'serviceaccounts'].map(
    (name) => [name, 'Namespaced'] as const,
  );
  kube.serve('/api', list([discovery('', 'v1', ...core, ['nodes', 'Cluster'])]));
  kube.serve('/apis', list([discovery('apps', 'v1', ['deployments', 'Namespaced'])]));
  const put = (collection: string, object: object) => kube.put(collection, object as JsonObject);
  put('/api/v1/namespaces', { metadata: { name: 'shop', namespace: undefined } });
  put('/api/v1/namespaces/shop/serviceaccounts', { metadata: { name: 'api', uid: 'sa-1' } });
  put('/apis/apps/v1/namespaces/shop/deployments', {
    metadata: { name: 'api' },
    spec: {
      replicas: 1,
      template: {
        metadata: needs === undefined ? {} : { annotations: { 'countersign.dev/needs': needs } },
        spec: { serviceAccountName: 'api', containers: [] },
      },
    },
  });
  put(`${RBAC}/namespaces/shop/roles`, {
    metadata: { name: 'api' },
    rules: [
      { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
      { verbs: ['get'], apiGroups: [''], resources: ['secrets'] },
    ],
  });
  put(`${RBAC}/namespaces/shop/rolebindings`, {
    metadata: { name: 'api' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'api' },
    subjects: SUBJECTS,
  });
  return kube;
}
