import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { applyTo, DENY_EVERY_RISK, NO_VAULT } from '../support/cluster-objects.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { workloadObject } from '../support/workload.ts';

const cluster = sharedCluster();
const RBAC = 'rbac.authorization.k8s.io/v1';
const NEEDS = { 'countersign.dev/needs': 'get,list endpointslices.discovery.k8s.io' };

/** What a platform team would apply: everything wrong is refused. */
const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'production' },
  spec: {
    match: { namespaceSelector: { matchLabels: { 'countersign.dev/enforce': 'true' } } },
    onChange: {
      missing: 'Deny',
      excess: DENY_EVERY_RISK,
      forbidden: 'Deny',
      undeclared: 'Deny',
    },
  },
};

let registered: Registered;
beforeAll(async () => {
  registered = await registerWebhook(cluster, {
    policies: [POLICY],
    vault: NO_VAULT,
  });
});
afterAll(() => registered.stop());

const apply = (...objects: object[]) => applyTo(cluster, ...objects);

function role(namespace: string | undefined, name: string, resources: string[], apiGroup = ''): object {
  const rules = [{ apiGroups: [apiGroup], resources, verbs: ['get', 'list'] }];
  return namespace === undefined
    ? { apiVersion: RBAC, kind: 'ClusterRole', metadata: { name }, rules }
    : { apiVersion: RBAC, kind: 'Role', metadata: { namespace, name }, rules };
}

function bind(namespace: string | undefined, name: string, roleRef: string, subject: object): object {
  const [kind, target] = roleRef.split('/');
  const ref = { apiGroup: 'rbac.authorization.k8s.io', kind, name: target };
  const metadata = namespace === undefined ? { name } : { namespace, name };
  return {
    apiVersion: RBAC,
    kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata,
    roleRef: ref,
    subjects: [subject],
  };
}

/** A namespace whose account `api` holds exactly what NEEDS says. */
async function preparedNamespace(): Promise<string> {
  const namespace = await newNamespace(cluster, { 'countersign.dev/enforce': 'true' });
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'api' } };
  const own = { kind: 'ServiceAccount', namespace, name: 'api' };
  const { code, stderr } = await apply(
    account,
    role(namespace, 'slices', ['endpointslices'], 'discovery.k8s.io'),
    bind(namespace, 'slices', 'Role/slices', own),
  );
  expect(stderr, `code ${code}`).toBe('');
  return namespace;
}

function deployment(namespace: string, annotations = NEEDS): object {
  return workloadObject({ namespace, annotations, metadata: { name: 'api', namespace } });
}

/** The watch brings a change within milliseconds; the first answer may still be the old one. */
async function eventually(namespace: string, expected: string): Promise<string> {
  let last = '';
  await expect
    .poll(
      async () => {
        const { stderr, code } = await apply(deployment(namespace));
        last = stderr;
        if (code === 0)
          await cluster.kubectl(['delete', 'deployment', 'api', '-n', namespace, '--wait=false']);
        return stderr;
      },
      { timeout: 15_000, interval: 200 },
    )
    .toContain(expected);
  return last;
}

describe('a workload that holds what it needs', () => {
  it('is created', async () => {
    const namespace = await preparedNamespace();
    await expect.poll(async () => (await apply(deployment(namespace))).code, { timeout: 15_000 }).toBe(0);
  });
});

describe('a workload is refused at kubectl apply', () => {
  it('for a scope that is missing, with cause, id and next step', async () => {
    const namespace = await newNamespace(cluster, { 'countersign.dev/enforce': 'true' });
    await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'api' } });
    const { stderr } = await apply(deployment(namespace));

    expect(stderr).toMatch(
      new RegExp(
        [
          'Error from server \\(Forbidden\\): error when creating "STDIN": admission webhook "change.countersign.dev" denied the request: ' +
            `${namespace}/api \\(Deployment\\) may not run as serviceaccount ${namespace}/api: 1 missing \\[d-[0-9a-z]{8}, policy production\\]`,
          `  missing  get,list endpointslices.discovery.k8s.io in ${namespace}`,
          `next: grant what is missing \\(kubectl countersign fix d-[0-9a-z]{8} -n ${namespace} prints the Role and RoleBinding\\), or take it out of countersign.dev/needs`,
        ].join('\n'),
        'u',
      ),
    );
  });

  const cases: readonly [
    string,
    (namespace: string) => { objects: object[]; said: string; cleanUp: string[][] },
  ][] = [
    [
      'a RoleBinding',
      (namespace) => ({
        objects: [
          role(namespace, 'extra', ['secrets']),
          bind(namespace, 'extra', 'Role/extra', { kind: 'ServiceAccount', name: 'api', namespace }),
        ],
        said: `high     get,list secrets in ${namespace}  via RoleBinding ${namespace}/extra → Role extra`,
        cleanUp: [],
      }),
    ],
    [
      'a ClusterRoleBinding',
      (namespace) => ({
        objects: [
          role(undefined, `extra-${namespace}`, ['secrets']),
          bind(undefined, `extra-${namespace}`, `ClusterRole/extra-${namespace}`, {
            kind: 'ServiceAccount',
            name: 'api',
            namespace,
          }),
        ],
        said: `critical get,list secrets everywhere  via ClusterRoleBinding extra-${namespace} → ClusterRole extra-${namespace}`,
        cleanUp: [['clusterrolebinding', `extra-${namespace}`]],
      }),
    ],
    [
      'the group of all service accounts',
      (namespace) => ({
        objects: [
          role(undefined, `extra-${namespace}`, ['secrets']),
          bind(undefined, `extra-${namespace}`, `ClusterRole/extra-${namespace}`, {
            apiGroup: 'rbac.authorization.k8s.io',
            kind: 'Group',
            name: 'system:serviceaccounts',
          }),
        ],
        said: `critical get,list secrets everywhere  via ClusterRoleBinding extra-${namespace} → ClusterRole extra-${namespace} (group system:serviceaccounts)`,
        cleanUp: [['clusterrolebinding', `extra-${namespace}`]],
      }),
    ],
    [
      'a binding in another namespace',
      (namespace) => ({
        objects: [
          role('default', `extra-${namespace}`, ['secrets']),
          bind('default', `extra-${namespace}`, `Role/extra-${namespace}`, {
            kind: 'ServiceAccount',
            name: 'api',
            namespace,
          }),
        ],
        said: `high     get,list secrets in default  via RoleBinding default/extra-${namespace} → Role extra-${namespace}`,
        cleanUp: [['rolebinding', `extra-${namespace}`, '-n', 'default']],
      }),
    ],
  ];

  it.each(cases)('for excess through %s', async (_, make) => {
    const namespace = await preparedNamespace();
    const { objects, said, cleanUp } = make(namespace);
    await apply(...objects);
    const stderr = await eventually(namespace, '1 excess');
    for (const what of cleanUp) await cluster.kubectl(['delete', ...what]);

    expect(stderr).toContain(said);
    expect(stderr).toContain('next: narrow or remove the bindings and policies named above');
  });

  it('and the API server says so in its audit log', async () => {
    const namespace = await newNamespace(cluster, { 'countersign.dev/enforce': 'true' });
    await apply(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'api' } },
      deployment(namespace),
    );
    const decisions = async () =>
      (
        await cluster.auditLog(
          (event) =>
            event.namespace === namespace && event.resource === 'deployments' && event.verb === 'create',
        )
      ).map((event) => event.annotations['change.countersign.dev/decision']);

    await expect.poll(decisions).toEqual([expect.stringMatching(/^d-/u)]);
  });
});

describe('what is no change of the claim', () => {
  it('is never refused: scaling, an image, a label, the same again', async () => {
    const namespace = await preparedNamespace();
    await expect.poll(async () => (await apply(deployment(namespace))).code, { timeout: 15_000 }).toBe(0);
    await cluster.kubectl(['delete', 'rolebinding', 'slices', '-n', namespace]);
    const where = ['-n', namespace];

    for (const change of [
      ['scale', 'deployment/api', '--replicas=3', ...where],
      ['set', 'image', 'deployment/api', 'app=app:2', ...where],
      ['label', 'deployment/api', 'team=shop', ...where],
    ]) {
      expect((await cluster.kubectl(change, { allowFailure: true })).code, change.join(' ')).toBe(0);
    }
    expect(
      (await cluster.kubectl(['annotate', 'deployment/api', 'note=x', ...where], { allowFailure: true }))
        .code,
    ).toBe(0);
  });
});
