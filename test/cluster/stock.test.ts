import { beforeAll, describe, expect, it } from 'vitest';
import { isObject, type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import { objectKey } from '../../src/core/rbac/held.ts';
import type { PolicyRule } from '../../src/core/rbac/rules.ts';
import { judge } from '../../src/core/verdict/verdict.ts';
import { createWorld } from '../../src/facts/world.ts';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { loadKubeAccess } from '../../src/kube/config.ts';
import { sharedCluster } from '../support/cluster.ts';
import { holds, readRbac } from '../support/differential/compare.ts';
import {
  ask,
  awaitAuthorizer,
  createNamespaces,
  createObjects,
  inParallel,
} from '../support/differential/server.ts';
import type { Question } from '../support/differential/worlds.ts';
import { TEST_RESOURCES } from '../support/resources.ts';
import { verdictInput } from '../support/verdict.ts';

/** What every cluster has from the start: its roles, its bindings, and the controller that fills aggregated roles. */

const cluster = sharedCluster();
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const STOCK = 'kubernetes.io/bootstrapping';

let client: KubeClient;
beforeAll(async () => {
  client = createKubeClient(await loadKubeAccess({ kubeconfig: cluster.kubeconfig }));
});

async function list(path: string): Promise<readonly JsonObject[]> {
  return listOf(objectOf(await client.get(path))['items']).filter(isObject);
}

const nameOf = (object: JsonObject) => textOf(objectOf(object['metadata'])['name']) ?? '';
const isStock = (object: JsonObject) =>
  Object.hasOwn(objectOf(objectOf(object['metadata'])['labels']), STOCK);

describe('a stock cluster', () => {
  it('gives the default account of no namespace more than the baseline', async () => {
    const world = createWorld(TEST_RESOURCES);
    const kinds = {
      Role: 'roles',
      ClusterRole: 'clusterroles',
      RoleBinding: 'rolebindings',
      ClusterRoleBinding: 'clusterrolebindings',
    } as const;
    for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
      for (const object of await list(`${RBAC}/${kinds[kind]}`)) if (isStock(object)) world.put(kind, object);
    }
    const namespaces = (await list('/api/v1/namespaces')).map(nameOf);
    const verdicts = namespaces.map((namespace) =>
      judge(verdictInput(world.held({ namespace, name: 'default' }), [], { declared: false })),
    );

    expect(namespaces).toEqual(
      expect.arrayContaining(['default', 'kube-system', 'kube-public', 'kube-node-lease']),
    );
    expect(world.held({ namespace: 'default', name: 'default' }).rules.length).toBeGreaterThan(0);
    for (const { checks, findings } of verdicts) {
      expect(findings).toEqual([]);
      expect(checks).toMatchObject({ excess: 'pass', undeclared: 'pass' });
    }
  });

  it('has roles that give what the API server says they give', async () => {
    const roles = (await list(`${RBAC}/clusterroles`)).filter(isStock).map(nameOf);
    const namespace = 'stock-roles';
    await createNamespaces(client, [namespace]);
    await createObjects(
      client,
      roles.map((name, at) => ({
        // Every other one is confined to a namespace.
        ...(at % 2 === 0
          ? { kind: 'ClusterRoleBinding' as const }
          : { kind: 'RoleBinding' as const, namespace }),
        name: `stock-${at}`,
        roleRef: { kind: 'ClusterRole', name },
        subjects: [{ kind: 'ServiceAccount', namespace, name: `r${at}` }],
      })),
    );
    await awaitAuthorizer(client, 'stock-sentinel');
    const facts = await readRbac(client);
    const wrong: string[] = [];
    let allowed = 0;
    await inParallel([...roles.entries()], async ([at, role]) => {
      const account = { namespace, name: `r${at}` };
      for (const question of QUESTIONS) {
        const server = await ask(client, account, question);
        if (server) allowed += 1;
        if (server !== holds(facts, account, question)) wrong.push(`${role}: ${JSON.stringify(question)}`);
      }
    });

    expect(roles.length).toBeGreaterThan(60);
    expect(allowed).toBeGreaterThan(roles.length);
    expect(wrong).toEqual([]);
  });
});

const RESOURCES: readonly (readonly [group: string, resource: string, subresource?: string])[] = [
  ['', 'pods'],
  ['', 'pods', 'log'],
  ['', 'pods', 'exec'],
  ['', 'secrets'],
  ['', 'configmaps'],
  ['', 'nodes'],
  ['', 'nodes', 'proxy'],
  ['', 'namespaces'],
  ['', 'serviceaccounts', 'token'],
  ['apps', 'deployments'],
  ['apps', 'deployments', 'scale'],
  ['rbac.authorization.k8s.io', 'rolebindings'],
  ['coordination.k8s.io', 'leases'],
  ['certificates.k8s.io', 'certificatesigningrequests', 'approval'],
];
const QUESTIONS: readonly Question[] = [
  ...RESOURCES.flatMap(([group, resource, subresource = '']) =>
    ['get', 'list', 'create', 'update', 'delete'].flatMap((verb) =>
      ['stock-roles', ''].map((namespace) => ({ verb, group, resource, subresource, name: '', namespace })),
    ),
  ),
  ...['/healthz', '/metrics', '/api', '/version'].map((path) => ({ verb: 'get', path })),
];

describe('an aggregated role', () => {
  const written = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      name: 'stock-widgets',
      labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' },
    },
    rules: [{ apiGroups: ['shop.example'], resources: ['widgets'], verbs: ['get', 'list'] }],
  };
  const text = (rules: readonly PolicyRule[]) => rules.map((rule) => JSON.stringify(rule)).toSorted();
  const GATHERING = ['view', 'edit', 'admin'].map((name) => ({
    kind: 'ClusterRole',
    namespace: undefined,
    name,
  }));

  it('is foreseen as the controller will fill it, through all that gather it', async () => {
    const before = await readRbac(client);
    const write = {
      kind: 'ClusterRole',
      namespace: '',
      name: 'stock-widgets',
      object: written,
      oldObject: undefined,
    };
    const foreseen = before.supposing(write)?.after.rbac.roles;
    await client.post(`${RBAC}/clusterroles`, written);
    const filled = async () => {
      const world = await readRbac(client);
      return GATHERING.map((role) => text(world.rbac.role(objectKey(role))?.rules ?? []));
    };

    await expect
      .poll(filled, { timeout: 20_000 })
      .toEqual(GATHERING.map((role) => text(foreseen?.get(objectKey(role))?.rules ?? [])));
    expect(JSON.stringify(await filled())).toContain('widgets');
    await cluster.kubectl(['delete', 'clusterrole', 'stock-widgets']);
  });
});
