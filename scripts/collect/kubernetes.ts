/** What the API server's authenticators and authorizers say. */
import type { ClusterClient } from '../cluster/client.ts';
import { answerTo, type Collected } from './message.ts';

const FROM = 'kube-apiserver 1.37.2';
const RBAC = 'rbac.authorization.k8s.io';
const JANE = 'jane@example.com';

const OBJECTS = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace: 'shop' } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'api', namespace: 'shop', labels: { app: 'api' } },
    spec: { serviceAccountName: 'api', containers: [{ name: 'api', image: 'api' }] },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api', namespace: 'shop' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'x' } },
      template: {
        metadata: { labels: { app: 'x' } },
        spec: { containers: [{ name: 'api', image: 'api' }] },
      },
    },
  },
  rule('ClusterRole', 'namer', undefined, {
    apiGroups: [RBAC],
    resources: ['*'],
    verbs: ['create', 'get'],
  }),
  binding('namer', undefined, 'ClusterRole/namer', 'rbac-editor'),
  binding('viewer', undefined, 'ClusterRole/view', 'viewer'),
  binding('dangling', 'shop', 'Role/gone', 'dangling'),
  rule('ClusterRole', 'approver', undefined, {
    apiGroups: ['certificates.k8s.io'],
    resources: ['certificatesigningrequests', 'certificatesigningrequests/approval'],
    verbs: ['*'],
  }),
  binding('approver', undefined, 'ClusterRole/approver', 'approver'),
  binding('editor', undefined, 'ClusterRole/edit', 'editor'),
];

function rule(kind: string, name: string, namespace: string | undefined, one: object): object {
  return { apiVersion: `${RBAC}/v1`, kind, metadata: { name, namespace }, rules: [one] };
}

/** Of the role `KIND/NAME` to a user. */
function binding(name: string, namespace: string | undefined, role: string, user: string): object {
  const [roleKind, roleName] = role.split('/');
  return {
    apiVersion: `${RBAC}/v1`,
    kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup: RBAC, kind: roleKind, name: roleName },
    subjects: [{ apiGroup: RBAC, kind: 'User', name: user }],
  };
}

/** By id: the arguments of kubectl, the user, and what `-f -` reads. */
const COMMANDS: readonly (readonly [string, readonly string[], string, object?])[] = [
  ['list-in-namespace', ['get', 'pods', '-n', 'shop'], JANE],
  ['list-everywhere', ['get', 'pods', '-A'], JANE],
  ['get-named', ['get', 'secret', 'db', '-n', 'shop'], JANE],
  ['get-log', ['get', '--raw', '/api/v1/namespaces/shop/pods/api/log'], JANE],
  ['exec', ['exec', '-n', 'shop', 'api', '--', 'ls'], 'viewer'],
  ['list-cluster-scoped', ['get', 'nodes'], JANE],
  ['get-namespace', ['get', 'namespace', 'kube-system'], JANE],
  ['create-deployment', ['create', 'deployment', 'web', '--image=web', '-n', 'shop'], JANE],
  ['scale', ['scale', 'deployment', 'api', '--replicas=2', '-n', 'shop'], 'viewer'],
  ['delete', ['delete', 'pod', 'api', '-n', 'shop'], 'viewer'],
  ['deletecollection', ['delete', '--raw', '/api/v1/namespaces/shop/configmaps'], JANE],
  ['watch', ['get', '--raw', '/api/v1/namespaces/shop/pods?watch=1'], JANE],
  ['url', ['get', '--raw', '/metrics'], JANE],
  ['service-account', ['get', 'endpointslices', '-n', 'shop'], 'system:serviceaccount:shop:api'],
  ['service-account-elsewhere', ['get', 'configmaps', '-n', 'kube-system'], 'system:serviceaccount:shop:api'],
  ['token', ['create', 'token', 'api', '-n', 'shop'], JANE],
  ['group', ['get', 'leases.coordination.k8s.io', '-n', 'shop', '--as-group=developers'], JANE],
  ['node', ['get', 'secret', 'db', '-n', 'shop', '--as-group=system:nodes'], 'system:node:n1'],
  ['node-pods', ['get', 'secrets', '-n', 'shop', '--as-group=system:nodes'], 'system:node:n1'],
  ['dangling', ['get', 'pods', '-n', 'shop'], 'dangling'],
  ['strange-user', ['get', 'pods', '-n', 'shop'], 'CN="a\\b",O=x'],
  [
    'escalate-role',
    ['create', 'role', 'reader', '--verb=get,list', '--resource=secrets', '-n', 'shop'],
    'rbac-editor',
  ],
  [
    'escalate-url',
    ['create', 'clusterrole', 'r', '--verb=get', '--non-resource-url=/metrics'],
    'rbac-editor',
  ],
  ['bind', ['create', 'rolebinding', 'b', '--clusterrole=view', '--user=bob', '-n', 'shop'], 'rbac-editor'],
  [
    'bind-admin',
    ['create', 'clusterrolebinding', 'b', '--clusterrole=cluster-admin', '--user=bob'],
    'rbac-editor',
  ],
  ['approve-csr', ['certificate', 'approve', 'csr'], 'approver'],
  ['not-found', ['get', 'pod', 'nope', '-n', 'shop'], 'viewer'],
  ['no-such-namespace', ['create', 'configmap', 'x', '-n', 'nowhere'], 'editor'],
  ['no-such-type', ['get', 'widgets', '-n', 'shop'], 'viewer'],
  ['no-such-path', ['get', '--raw', '/apis/example.com/v1/widgets'], 'system:admin'],
];

export async function collectKubernetes(
  cluster: ClusterClient,
  signingRequest: string,
): Promise<readonly Collected[]> {
  await apply(cluster, [...OBJECTS, csr(signingRequest)]);
  const collected: Collected[] = [];
  for (const [id, args, as] of COMMANDS) {
    const admin = as === 'system:admin';
    const { stderr, code } = await cluster.kubectl(args, { ...(admin ? {} : { as }), allowFailure: true });
    if (code === 0) throw new Error(`${id} was to be refused`);
    collected.push({ id, from: FROM, text: stderr.trim() });
  }
  return [...collected, ...(await rawAnswers(cluster))];
}

export async function apply(cluster: ClusterClient, objects: readonly object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], { input: JSON.stringify(list) });
}

function csr(request: string): object {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'csr' },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
    },
  };
}

function withToken(
  token: string,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return { Authorization: `Bearer ${token}`, ...more };
}

/** Of requests that kubectl with an administrator's certificate cannot make. */
async function rawAnswers(cluster: ClusterClient): Promise<readonly Collected[]> {
  const { server, caPem: ca } = cluster;
  const account = { namespace: 'shop', name: 'api' };
  const own = await cluster.serviceAccountToken(account, 'https://kubernetes.default.svc');
  const foreign = await cluster.serviceAccountToken(account, 'vault');
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    answerTo({ method: 'GET', url: `${server}${path}`, ca, headers });
  const pods = '/api/v1/namespaces/shop/pods';
  const answers = {
    anonymous: get(pods),
    'anonymous-url': get('/logs/'),
    'bad-token': get(pods, withToken('abc')),
    'token-of-other-audience': get(pods, withToken(foreign)),
    'status-json': get('/apis/apps/v1/namespaces/shop/deployments', withToken(own)),
    'impersonate-user': get(pods, withToken(own, { 'Impersonate-User': 'bob' })),
    'impersonate-group': get(
      pods,
      withToken(own, { 'Impersonate-User': 'system:serviceaccount:shop:api', 'Impersonate-Group': 'admins' }),
    ),
    'impersonate-service-account': get(
      pods,
      withToken(own, { 'Impersonate-User': 'system:serviceaccount:kube-system:default' }),
    ),
  };
  const raw: Collected[] = [];
  for (const [id, answer] of Object.entries(answers)) raw.push({ id, from: FROM, text: await answer });
  return [...raw, ...(await tokenReviews(cluster, own, foreign))];
}

async function tokenReviews(
  cluster: ClusterClient,
  own: string,
  foreign: string,
): Promise<readonly Collected[]> {
  await cluster.kubectl(['create', 'serviceaccount', 'brief', '-n', 'shop']);
  const brief = { namespace: 'shop', name: 'brief' };
  const orphan = await cluster.serviceAccountToken(brief, 'https://kubernetes.default.svc');
  await cluster.kubectl(['delete', 'serviceaccount', 'brief', '-n', 'shop']);
  const review = async (id: string, token: string, audiences?: readonly string[]): Promise<Collected> => {
    const asked = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, ...(audiences && { audiences }) },
    };
    const path = '/apis/authentication.k8s.io/v1/tokenreviews';
    const { stdout } = await cluster.kubectl(['create', '--raw', path, '-f', '-'], {
      input: JSON.stringify(asked),
    });
    const { status } = JSON.parse(stdout) as { status: object };
    return { id, from: `${FROM}, TokenReview`, text: JSON.stringify({ kind: 'TokenReview', status }) };
  };
  return [
    await review('review-audience', foreign),
    await review('review-audience-asked', own, ['vault']),
    await review('review-nonsense', 'abc'),
    await review('review-deleted-account', orphan),
    await review('review-changed-signature', `${own.slice(0, -8)}AAAAAAAA`),
  ];
}
