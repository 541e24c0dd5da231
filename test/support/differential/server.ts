import { objectOf } from '../../../src/core/json.ts';
import { groupsOf, userName } from '../../../src/core/rbac/held.ts';
import type { Account } from '../../../src/core/scope/scope.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { DrawnObject, Question } from './worlds.ts';

/** Writes worlds to the real API server and asks it. */

const RBAC_PATH = '/apis/rbac.authorization.k8s.io/v1';
const PLURALS = {
  Role: 'roles',
  ClusterRole: 'clusterroles',
  RoleBinding: 'rolebindings',
  ClusterRoleBinding: 'clusterrolebindings',
} as const;
const CONCURRENCY = 16;

export async function createNamespaces(client: KubeClient, names: readonly string[]): Promise<void> {
  await inParallel(names, (name) =>
    client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
  );
}

export async function createObjects(client: KubeClient, objects: readonly DrawnObject[]): Promise<void> {
  await inParallel(objects, ({ kind, namespace, name, rules, roleRef, subjects }) => {
    const where = namespace === undefined ? '' : `/namespaces/${namespace}`;
    const content =
      rules === undefined
        ? { roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...roleRef }, subjects }
        : { rules };
    const object = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind,
      metadata: { name, ...(namespace !== undefined && { namespace }) },
      ...content,
    };
    return client.post(`${RBAC_PATH}${where}/${PLURALS[kind]}`, object);
  });
}

export async function ask(client: KubeClient, account: Account, question: Question): Promise<boolean> {
  const attributes =
    'path' in question ? { nonResourceAttributes: question } : { resourceAttributes: question };
  const spec = { user: userName(account), groups: groupsOf(account), ...attributes };
  const review = await client.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec,
  });
  return objectOf(objectOf(review)['status'])['allowed'] === true;
}

/**
 * Waits until the authorizer has seen everything written before: it has a cache for each of the four kinds, so one
 * object of each is written last and asked for.
 */
export async function awaitAuthorizer(client: KubeClient, sentinel: string): Promise<void> {
  const account = { namespace: sentinel, name: 'sentinel' };
  const subjects = [{ kind: 'ServiceAccount', ...account }];
  const rule = (resource: string) => [
    { verbs: ['get'], apiGroups: ['sentinel.example'], resources: [resource] },
  ];
  await createNamespaces(client, [sentinel]);
  await createObjects(client, [
    { kind: 'ClusterRole', name: sentinel, rules: rule('wide') },
    { kind: 'Role', namespace: sentinel, name: sentinel, rules: rule('narrow') },
    {
      kind: 'ClusterRoleBinding',
      name: sentinel,
      roleRef: { kind: 'ClusterRole', name: sentinel },
      subjects,
    },
    {
      kind: 'RoleBinding',
      namespace: sentinel,
      name: sentinel,
      roleRef: { kind: 'Role', name: sentinel },
      subjects,
    },
  ]);
  for (const resource of ['wide', 'narrow']) {
    const question = {
      verb: 'get',
      group: 'sentinel.example',
      resource,
      subresource: '',
      name: '',
      namespace: sentinel,
    };
    const end = performance.now() + 20_000;
    while (!(await ask(client, account, question))) {
      if (performance.now() > end) throw new Error('the authorizer did not see the last objects within 20 s');
    }
  }
}

export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}
