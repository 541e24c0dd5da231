import { describe, expect, it } from 'vitest';
import { countersign, withFiles } from '../../support/cli.ts';

const ACCOUNT = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: api, namespace: shop }\n';
const RBAC = 'apiVersion: rbac.authorization.k8s.io/v1';

function deployment(name: string, needs: string, account = 'api'): string {
  const spec = { serviceAccountName: account, containers: [{ name: 'app', image: 'app:1' }] };
  const template = {
    metadata: { annotations: { 'countersign.dev/needs': needs }, labels: { app: name } },
    spec,
  };
  const metadata = { name, namespace: 'shop' };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { selector: {}, template },
  });
}

function bound(
  name: string,
  role: string,
  kind = 'ClusterRole',
  subject = 'kind: ServiceAccount, name: api',
): string {
  return `${RBAC}
kind: RoleBinding
metadata: { name: ${name}, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ${kind}, name: ${role} }
subjects: [{ ${subject} }]
`;
}

const OWN_ROLE = `${RBAC}
kind: Role
metadata: { name: own, namespace: shop, labels: { team: "no" } }
rules: [{ apiGroups: [""], resources: [secrets], verbs: [get, delete] }]
`;

const NEEDS = [
  'get,list pods',
  'get,list pods/log',
  'get secrets named db',
  'get,list nodes',
  'get /metrics',
  'get deployments.apps named web,api in dev',
].join('\n');

const documents = (...parts: readonly string[]) => parts.join('\n---\n');

describe('fix', () => {
  it('prints what kubectl apply takes, and with it the folder passes', async () => {
    const files = {
      'account.yaml': ACCOUNT,
      'api.json': deployment('api', NEEDS),
      'web.json': deployment('web', 'create configmaps'),
      'view.yaml': bound('read', 'view'),
      'own.yaml': OWN_ROLE,
      'own-binding.yaml': bound('own', 'own', 'Role'),
    };
    const { out, code, err } = await withFiles(files, (dir) => countersign(['fix', dir, '-o', 'yaml']));

    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toContain(
      '# then: kubectl delete rolebinding read -n shop   (ClusterRole view comes with the cluster',
    );
    expect(out).not.toContain('Secret');
    // As the cluster would be: the narrowed role replaced, the binding deleted.
    const { 'view.yaml': _, 'own.yaml': __, ...kept } = files;
    const checked = await withFiles({ ...kept, 'fix.yaml': out }, (dir) => countersign(['check', dir]));

    expect(checked).toMatchObject({ code: 0, err: '' });
    expect(checked.out).toContain('2 workloads in 5 files: 2 pass');
  });

  it('prints the least roles as a person would write them', async () => {
    const { out, code } = await countersign(
      ['fix', '-', '-o', 'yaml'],
      documents(
        ACCOUNT,
        deployment('api', 'list,get pods\nget secrets named db\nget pods/log'),
        OWN_ROLE,
        bound('own', 'own', 'Role'),
      ),
    );

    expect(code).toBe(0);
    expect(out).toBe(`# shop/api (Deployment) as serviceaccount shop/api
# needed: get pods/log in shop
# needed: get,list pods in shop
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: countersign-api
  namespace: shop
rules:
  - apiGroups: [""]
    resources: [pods]
    verbs: [get, list]
  - apiGroups: [""]
    resources: [pods/log]
    verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: countersign-api
  namespace: shop
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: countersign-api
subjects:
  - kind: ServiceAccount
    name: api
    namespace: shop
---
# narrowed to what is needed of RoleBinding shop/own → Role own
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: own
  namespace: shop
  labels:
    team: "no"
rules:
  - apiGroups: [""]
    resources: [secrets]
    resourceNames: [db]
    verbs: [get]
`);
  });

  it('says what to do, line by line', async () => {
    const helm = OWN_ROLE.replace(
      'team: "no"',
      'app.kubernetes.io/managed-by: Helm, app.kubernetes.io/instance: shop',
    );
    const { out, code } = await countersign(
      ['fix', '-'],
      documents(
        ACCOUNT,
        deployment('api', 'get pods\nget /metrics'),
        bound('read', 'view'),
        helm,
        bound('own', 'own', 'Role'),
        bound(
          'all',
          'edit',
          'ClusterRole',
          'kind: Group, name: "system:serviceaccounts:shop", apiGroup: rbac.authorization.k8s.io',
        ),
      ),
    );

    expect(code).toBe(1);
    expect(out).toBe(`shop/api (Deployment) as serviceaccount shop/api
  give    ClusterRole countersign-shop.api with its binding: get /metrics
  delete  kubectl delete rolebinding read -n shop   (ClusterRole view comes with the cluster; what is needed of it is in the objects above)
  ask     RoleBinding shop/all → ClusterRole edit (group system:serviceaccounts:shop) gives more than is needed: the binding is shared, and a change touches every service account of shop
  ask     RoleBinding shop/own → Role own gives more than is needed: it would be written back by the Helm release shop: change it there
next: the same with -o yaml, piped to kubectl apply -f -
`);
  });

  it('fixes the workloads of one account together, and only the account of the one that is named', async () => {
    const input = documents(
      ACCOUNT,
      deployment('api', 'get pods'),
      deployment('worker', 'list pods'),
      deployment('web', 'get nodes', 'web'),
    );
    const all = await countersign(['fix', '-'], input);
    const one = await countersign(['fix', '-', '--workload', 'shop/worker'], input);

    expect(all.out).toContain(
      'Role shop/countersign-api with its binding: get pods in shop; list pods in shop',
    );
    expect(all.out).toContain('ClusterRole countersign-shop.web with its binding: get nodes everywhere');
    expect(one.out).toContain('shop/api (Deployment), shop/worker (Deployment) as serviceaccount shop/api');
    expect(one.out).not.toContain('web');
  });

  it('refuses what a policy forbids', async () => {
    const policy =
      'apiVersion: countersign.dev/v1alpha1\nkind: ScopePolicy\nmetadata: { name: strict }\nspec: { forbid: ["any secrets"] }\n';
    const { code, out } = await countersign(
      ['fix', '-', '-o', 'yaml'],
      documents(ACCOUNT, policy, deployment('api', 'get secrets')),
    );

    expect(code).toBe(1);
    expect(out).toBe(`# shop/api (Deployment) as serviceaccount shop/api
# refused: get secrets in shop is forbidden by policy strict: take it out of countersign.dev/needs
`);
  });

  it.each([
    ['0: nothing to fix', documents(ACCOUNT, deployment('api', '')), 'pass    nothing to fix', 0],
    ['0: nothing to judge', ACCOUNT, 'nothing to judge', 0],
    [
      '1: a declaration that cannot be read',
      documents(ACCOUNT, deployment('api', 'get pods in')),
      'refused a declaration cannot be read: countersign check says where',
      1,
    ],
    [
      '3: a role that may be elsewhere',
      documents(ACCOUNT, deployment('api', 'get pods'), bound('b', 'somewhere')),
      'open    get pods in shop may be given by ClusterRole somewhere, whose rules are not known',
      3,
    ],
  ])('exit code %s', async (_, input, said, expected) => {
    const { code, out } = await countersign(['fix', '-'], input);

    expect(code).toBe(expected);
    expect(out).toContain(said);
  });

  it.each([
    ['a workload that is not there', ['--workload', 'shop/web'], 'no workload shop/web in standard input'],
    ['a workload without its namespace', ['--workload', 'web'], 'expected NAMESPACE/NAME'],
    ['another format', ['-o', 'json'], 'Allowed choices are text, yaml'],
  ])('ends with 2 for %s', async (_, flags, said) => {
    const { code, out, err } = await countersign(
      ['fix', '-', ...flags],
      documents(ACCOUNT, deployment('api', '')),
    );

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
  });

  it('prints nothing that a terminal or a YAML reader obeys', async () => {
    const hostile = 'get pods named "a\\u001b[31m\\u202e","x: y\\n- z","no"';
    const { out } = await countersign(
      ['fix', '-', '-o', 'yaml'],
      documents(ACCOUNT, deployment('api', hostile)),
    );

    expect(out).toContain('resourceNames: ["a\\u001b[31m\\u202e", "no", "x: y\\n- z"]');
    // oxlint-disable-next-line no-control-regex
    expect(out).not.toMatch(/[\u001B\u202E]/u);
  });

  it('explains itself', async () => {
    const { code, out } = await countersign(['fix', '--help']);

    expect(code).toBe(0);
    expect(out).toContain('countersign fix manifests/examples -o yaml | kubectl apply -f -');
    expect(out).toContain('Exit codes: 0 nothing is left to do');
  });
});
