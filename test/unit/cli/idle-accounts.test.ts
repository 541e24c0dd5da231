import { describe, expect, it } from 'vitest';
import { accessIn } from '../../../src/cli/access.ts';
import { runCli } from '../../../src/cli/program.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { AccountAccess } from '../../../src/core/report/access-report.ts';
import { withFiles } from '../../support/cli.ts';
import { heardHost } from '../../support/cli-host.ts';
import { JANE, NOW } from '../../support/desk.ts';
import { shopCluster } from '../../support/shop-cluster.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const IDLE = expect.stringContaining('no workload that is listed here runs as it now');
const UNDECLARED = expect.stringContaining('would say what is needed of it');

interface Idle {
  readonly name: string;
  readonly annotations?: JsonObject;
  readonly automount?: boolean;
}

/** The shop with one more account, and a binding of a role `ci` (`get pods`, `get secrets`) to whom is named. */
async function reported(
  idle: Idle,
  subject?: JsonObject,
  roleName = 'ci',
): Promise<AccountAccess | undefined> {
  const kube = shopCluster({ username: JANE });
  const { name, annotations, automount } = idle;
  kube.put('/api/v1/namespaces/shop/serviceaccounts', {
    metadata: { name, ...(annotations !== undefined && { annotations }) },
    ...(automount !== undefined && { automountServiceAccountToken: automount }),
  });
  kube.put(`${RBAC}/clusterroles`, {
    metadata: { name: 'ci' },
    rules: [{ apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get'] }],
  });
  // What each token may: as `system:basic-user` and `system:discovery` have it.
  kube.put(`${RBAC}/clusterroles`, {
    metadata: { name: 'versions' },
    rules: [{ nonResourceURLs: ['/version'], verbs: ['get'] }],
  });
  if (subject !== undefined) {
    kube.put(`${RBAC}/namespaces/shop/rolebindings`, {
      metadata: { name: 'ci' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roleName },
      subjects: [subject],
    });
  }
  const { accounts } = await accessIn(kube.client, { namespace: 'shop', nowMs: NOW });
  expect(accounts.map(({ serviceAccount }) => serviceAccount)).toContain('api');
  return accounts.find(({ serviceAccount }) => serviceAccount === name);
}

const SELF = { kind: 'ServiceAccount', name: 'ci', namespace: 'shop' };
const states = (account: AccountAccess | undefined) =>
  account?.scopes.map(({ state, risk, scope }) => `${state} ${risk} ${scope}`);

describe('an account as which nothing runs', () => {
  it.each([
    ['by its own binding', SELF],
    ['by its user name', { kind: 'User', name: 'system:serviceaccount:shop:ci' }],
    ['by the group of its namespace', { kind: 'Group', name: 'system:serviceaccounts:shop' }],
  ])('is reported for what it holds %s, and whether that is needed is unknown', async (_, subject) => {
    const found = await reported({ name: 'ci' }, subject);

    expect(states(found)).toEqual(['unknown high get secrets in shop', 'unknown low get pods in shop']);
    expect(found).toMatchObject({ workloads: [], shared: false, held: 2, unknown: 2 });
    expect(found?.notes).toEqual([IDLE, UNDECLARED]);
  });

  it.each([
    ['nothing', undefined, 'ci'],
    ['what every account does', SELF, 'versions'],
    ['a role that is not there', SELF, 'gone'],
  ])('is left out where it holds %s', async (_, subject, role) => {
    expect(await reported({ name: 'ci' }, subject, role)).toBeUndefined();
  });

  it('is held to the needs that are written on itself', async () => {
    const found = await reported({ name: 'ci', annotations: { 'countersign.dev/needs': 'get pods' } }, SELF);

    expect(states(found)).toEqual(['excess high get secrets in shop', 'needed low get pods in shop']);
    expect(found?.notes).toEqual([IDLE]);
  });

  it('needs what nobody can say where those cannot be read', async () => {
    const found = await reported({ name: 'ci', annotations: { 'countersign.dev/needs': 'get' } }, SELF);

    expect(found).toMatchObject({ unknown: 2, needed: 0 });
  });

  it('is as dangerous without an automounted token, since others may ask for one', async () => {
    const found = await reported({ name: 'ci', automount: false }, SELF);

    expect(states(found)?.[0]).toBe('unknown high get secrets in shop');
  });
});

describe('an account as which an old ReplicaSet runs still', () => {
  it('is that of a workload, whatever the Deployment runs as by now', async () => {
    const kube = shopCluster({ username: JANE });
    kube.put('/api/v1/namespaces/shop/serviceaccounts', { metadata: { name: 'old' } });
    const [deployment] = kube.stored('deployments');
    const { uid } = Object(deployment?.['metadata']) as { readonly uid: string };
    const replicas = (name: string, account: string) => ({
      metadata: {
        name,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'api', uid, controller: true }],
      },
      spec: { replicas: 1, template: { metadata: {}, spec: { serviceAccountName: account } } },
    });
    kube.put('/apis/apps/v1/namespaces/shop/replicasets', replicas('api-1', 'old'));
    kube.put('/apis/apps/v1/namespaces/shop/replicasets', replicas('api-2', 'api'));

    const { accounts } = await accessIn(kube.client, { namespace: 'shop', nowMs: NOW });

    expect(
      accounts.map(({ serviceAccount, workloads }) => [serviceAccount, workloads.map(({ name }) => name)]),
    ).toEqual([
      ['api', ['api']],
      ['old', ['api-1']],
    ]);
  });
});

const FOLDER = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: ci, namespace: shop }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: idle, namespace: shop }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: ci }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: all }
subjects: [{ kind: ServiceAccount, name: ci, namespace: shop }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: all }
rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
`;

describe('the report of a folder', () => {
  it.each([
    ['table', ['shop        ci        <none>      1      0        0         1         <none>   <none>']],
    [
      'wide',
      ['shop        ci        unknown   critical   * * everywhere   ClusterRoleBinding ci → ClusterRole all'],
    ],
  ])('lists as %s an account of it as which nothing runs', async (format, lines) => {
    const { host, out } = heardHost();
    const code = await withFiles({ 'all.yaml': FOLDER }, (dir) =>
      runCli(['report', dir, '-o', format], host),
    );

    expect(code).toBe(0);
    expect(out().split('\n').slice(1)).toEqual(lines);
  });
});
