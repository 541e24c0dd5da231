import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFolder } from '../../../../src/facts/folder/folder.ts';
import { printProblem } from '../../../../src/facts/folder/problem.ts';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'countersign-facts-'));
});

afterAll(() => rm(root, { recursive: true }));

let folders = 0;

async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  folders += 1;
  const folder = join(root, String(folders));
  await mkdir(folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

function loadText(text: string, namespace?: string) {
  return loadFolder(Readable.from([Buffer.from(text)]), namespace === undefined ? {} : { namespace });
}

async function problemsIn(text: string): Promise<readonly string[]> {
  return (await loadText(text)).problems.map(printProblem);
}

const API = { namespace: 'shop', name: 'api' };

const NAMESPACE = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod}}\n';
const ACCOUNT = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: api, namespace: shop}\n';
const BINDING = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: api}]
`;
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
spec:
  template:
    metadata:
      annotations:
        countersign.dev/needs: |
          get pods
          list pods
    spec:
      serviceAccountName: api
`;

describe('the files of a folder', () => {
  it('are all manifests below it, in the order of their names', async () => {
    const folder = await folderOf({
      'b.yml': ACCOUNT,
      'a/c.yaml': NAMESPACE,
      'a/b.JSON': '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{}}',
      'README.md': 'kind: Role',
      '.hidden/x.yaml': 'kind: Role',
      '.x.yaml': 'kind: Role',
      'node_modules/x.yaml': 'kind: Role',
      'z/node_modules/x.yaml': 'kind: Role',
    });

    const { world, workloads, problems, counts } = await loadFolder(folder);

    expect(problems).toEqual([]);
    expect(counts).toEqual({ files: 3, documents: 3, objects: 3, ignored: new Map(), links: 0 });
    expect(world.account(API)).toBeDefined();
    expect(workloads.map(({ file }) => file)).toEqual([join(folder, 'a/b.JSON')]);
  });

  it('do not include what links lead to, and say how many there are', async () => {
    const outside = await folderOf({ 'x.yaml': ACCOUNT });
    const folder = await folderOf({ 'a.yaml': NAMESPACE });
    await symlink(join(outside, 'x.yaml'), join(folder, 'link.yaml'));
    await symlink(outside, join(folder, 'linked'));
    await link(join(folder, 'a.yaml'), join(folder, 'hard.txt'));

    const { world, counts } = await loadFolder(folder);

    expect(world.account(API)).toBeUndefined();
    expect(counts).toMatchObject({ files: 1, links: 1 });
  });

  it.each([
    ['a file that is not UTF-8', { 'a.yaml': Uint8Array.of(0x61, 0xff) }, 'a.yaml: expected UTF-8'],
    [
      'a file that is too large',
      { 'a.yaml': Buffer.alloc(8 * 1024 * 1024 + 1, ' ') },
      'a.yaml: expected at most 8388608 bytes, found 8388609',
    ],
  ])('are refused by name: %s', async (_case, files, want) => {
    const folder = await folderOf(files);

    expect((await loadFolder(folder)).problems.map(printProblem)).toEqual([`${folder}/${want}`]);
  });

  it('may be one, of any name', async () => {
    const folder = await folderOf({ manifest: ACCOUNT });

    expect((await loadFolder(join(folder, 'manifest'))).world.account(API)).toBeDefined();
  });

  it.each([
    ['/no/such/folder', "/no/such/folder: can't be read (ENOENT)"],
    ['/dev/null', '/dev/null: expected a file or a folder'],
  ])('may not be there: %s', async (path, want) => {
    expect((await loadFolder(path)).problems.map(printProblem)).toEqual([want]);
  });

  it('may come as a stream, which is bounded too', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1024 * 1024);
      })(),
    );

    expect((await loadFolder(endless)).problems.map(printProblem)).toEqual([
      '-: expected at most 8388608 bytes',
    ]);
    expect((await loadText(ACCOUNT)).world.account(API)).toBeDefined();
  });
});

describe('the world of a folder', () => {
  it('holds what its documents say', async () => {
    const { world, problems, counts } = await loadText(
      [NAMESPACE, ACCOUNT, BINDING, DEPLOYMENT].join('---\n'),
    );

    expect(problems).toEqual([]);
    expect(counts.objects).toBe(4);
    expect(world.namespace('shop')?.labels).toEqual({ env: 'prod', 'kubernetes.io/metadata.name': 'shop' });
    expect(world.runningAs(API)).toMatchObject([{ kind: 'Deployment', name: 'api' }]);
    expect(world.freshness()).toEqual({ synced: true, ageSeconds: 0 });
  });

  it('has the roles that every cluster has', async () => {
    const { world } = await loadText(BINDING);

    expect(world.held(API).dangling).toEqual([]);
    expect(world.held(API).rules.length).toBeGreaterThan(5);
  });

  it('prefers its own role to a stock one of that name', async () => {
    const own =
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: view}\nrules: [{verbs: [get], apiGroups: [""], resources: [pods]}]\n';

    expect((await loadText(`${BINDING}---\n${own}`)).world.held(API).rules).toHaveLength(1);
  });

  it('leaves a reference to an unknown role dangling', async () => {
    const { world } = await loadText(BINDING.replace('name: view', 'name: no-such-role'));

    expect(world.held(API)).toMatchObject({ rules: [], dangling: [{ role: { name: 'no-such-role' } }] });
  });

  it('has the namespaces that are only used, and no account that is not written', async () => {
    const { world } = await loadText(DEPLOYMENT);

    expect(world.namespace('shop')).toEqual({
      labels: { 'kubernetes.io/metadata.name': 'shop' },
      deleting: false,
    });
    expect(world.namespace('default')).toBeUndefined();
    expect(world.account(API)).toBeUndefined();
  });

  it.each([
    [undefined, 'default'],
    ['staging', 'staging'],
  ])('puts objects without a namespace, asked for %s, into %s', async (asked, namespace) => {
    const { world, workloads } = await loadText(DEPLOYMENT.replace('  namespace: shop\n', ''), asked);

    expect(world.runningAs({ namespace, name: 'api' })).toHaveLength(1);
    expect(workloads[0]?.namespace).toBe(namespace);
    expect(world.namespace(namespace)).toBeDefined();
  });

  it('knows the resources of its CustomResourceDefinitions', async () => {
    const { world, problems } = await loadText(
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: carts.shop.example}\n' +
        'spec: {group: shop.example, scope: Cluster, names: {plural: carts, kind: Cart}, versions: [{name: v1, subresources: {status: {}}}]}\n',
    );

    expect(problems).toEqual([]);
    expect(world.resources.namespaced('shop.example', 'carts')).toBe(false);
    expect(world.resources.subresources('shop.example', 'carts')).toEqual(['status']);
    expect(world.resources.namespaced('apps', 'deployments')).toBe(true);
  });

  it('takes lists apart, also typed ones whose items name no kind', async () => {
    const { world, workloads, problems, counts } = await loadText(`
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: api, namespace: shop}}
- {apiVersion: v1, kind: Service, metadata: {name: api, namespace: shop}}
- apiVersion: apps/v1
  kind: DeploymentList
  items:
  - metadata: {name: web, namespace: shop}
    spec: {template: {spec: {}}}
`);

    expect(problems).toEqual([]);
    expect(counts).toMatchObject({ documents: 1, objects: 2, ignored: new Map([['v1 Service', 1]]) });
    expect(world.account(API)).toBeDefined();
    expect(workloads.map(({ kind, line, object }) => [kind, line, object['metadata']])).toEqual([
      ['Deployment', 10, { name: 'web', namespace: 'shop' }],
    ]);
  });

  it('counts what is no fact', async () => {
    const { counts, problems } = await loadText(
      'apiVersion: v1\nkind: Secret\n---\napiVersion: v1\nkind: Secret\n---\nkind: Role\napiVersion: example.dev/v1\n---\nreplicas: 3\n---\n',
    );

    expect(problems).toEqual([]);
    expect([...counts.ignored]).toEqual([
      ['v1 Secret', 2],
      ['example.dev/v1 Role', 1],
      ['without kind', 1],
    ]);
    expect(counts).toMatchObject({ documents: 5, objects: 0 });
  });

  it('lets several objects leave their names to the API server', async () => {
    const job =
      'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-, namespace: shop}\nspec: {template: {spec: {}}}\n';
    const { world, workloads, problems } = await loadText(`${job}---\n${job}`);

    expect(problems).toEqual([]);
    expect(world.runningAs({ namespace: 'shop', name: 'default' })).toHaveLength(2);
    expect(workloads[0]?.object['metadata']).toEqual({ generateName: 'migrate-', namespace: 'shop' });
  });
});

describe('the workloads of a folder', () => {
  it('are given as they are written, with their places', async () => {
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec: {containers: []}\n';
    const { world, workloads } = await loadText(`# first\n${ACCOUNT}---\n${DEPLOYMENT}---\n${pod}`);

    expect(workloads.map(({ kind, document, line, file }) => [kind, document, line, file])).toEqual([
      ['Deployment', 2, 6, '-'],
      ['Pod', 3, 21, '-'],
    ]);
    expect(workloads[1]?.object).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'shop' },
      spec: { containers: [] },
    });
    expect(world.runningAs({ namespace: 'shop', name: 'default' })).toEqual([]);
  });

  it('lead from a line of their needs to the line in the file', async () => {
    const { workloads } = await loadText(`${ACCOUNT}---\n${DEPLOYMENT}`);
    const path = ['spec', 'template', 'metadata', 'annotations', 'countersign.dev/needs'];

    expect(workloads[0]?.locate(path, { line: 2, column: 6 })).toEqual({ line: 16, column: 16 });
  });
});

describe('the problems of a folder', () => {
  it.each<[string, readonly string[]]>([
    ['kind: Role\n', ['-:1:1: document 1: apiVersion: expected an apiVersion']],
    ['apiVersion: v1\n', ['-:1:1: document 1: kind: expected a kind']],
    ['- a\n', ['-:1:1: document 1: expected an object of Kubernetes, found a list']],
    ['just text\n', ['-:1:1: document 1: expected an object of Kubernetes, found a string']],
    [
      'apiVersion: rbac.authorization.k8s.io/v1beta1\nkind: Role\n',
      [
        '-:1:13: document 1: apiVersion: expected rbac.authorization.k8s.io/v1, found rbac.authorization.k8s.io/v1beta1',
      ],
    ],
    [
      'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  namespace: shop\n',
      ['-:4:3: document 1: metadata.name: expected a name, found nothing'],
    ],
    [
      'apiVersion: v1\nkind: ServiceAccount\nmetadata: 7\n',
      ['-:3:11: document 1: metadata: expected an object, found a number'],
    ],
    [
      'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: Api, namespace: Shop}\nautomountServiceAccountToken: "no"\nsecrets: [x]\n',
      [
        '-:3:18: document 1: metadata.name: expected a name that an API server takes',
        '-:3:34: document 1: metadata.namespace: expected the name of a namespace: lower-case letters, digits and -',
        '-:4:31: document 1: automountServiceAccountToken: expected true or false, found a string',
        '-:5:11: document 1: secrets[0]: expected an object, found a string',
      ],
    ],
    [
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: two\n  template: {spec: {serviceAccountName: 7}}\n',
      [
        '-:5:13: document 1: spec.replicas: expected a whole number, found a string',
        '-:6:41: document 1: spec.template.spec.serviceAccountName: expected a string, found a number',
      ],
    ],
    [
      `${ACCOUNT}---\n${NAMESPACE}---\n${ACCOUNT}`,
      ['-:11:18: document 3: metadata.name: the same ServiceAccount is in -, document 1'],
    ],
    [
      'kind: List\napiVersion: v1\nitems:\n- 7\n- {kind: Role}\n- {apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {a: 1}}}\n',
      [
        '-:4:3: document 1: items[0]: expected an object of Kubernetes, found a number',
        '-:5:3: document 1: items[1].apiVersion: expected an apiVersion',
        '-:6:69: document 1: items[2].metadata.labels.a: expected a string, found a number',
      ],
    ],
    [
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\nspec: {group: g, scope: namespaced, names: {}}\n',
      [
        '-:4:25: document 1: spec.scope: expected Namespaced or Cluster',
        '-:4:44: document 1: spec.names.plural: expected the name of the resource, found nothing',
      ],
    ],
  ])('name file, line, column, document and field: %j', async (text, want) => {
    expect(await problemsIn(text)).toEqual(want);
  });

  it('are all found at once, over all files, and leave the rest in force', async () => {
    const folder = await folderOf({
      'a.yaml': 'a: [',
      'b.yaml': `kind: Role\n---\n${ACCOUNT}`,
      'c.json': '{"a":1,"a":2}',
    });

    const { world, problems } = await loadFolder(folder);

    expect(
      problems.map(({ file, line, column }) => `${file.slice(folder.length + 1)}:${line}:${column}`),
    ).toEqual(['a.yaml:1:5', 'b.yaml:1:1', 'c.json:1:8']);
    expect(world.account(API)).toBeDefined();
  });

  it('include those of policies, at their lines', async () => {
    const text =
      'apiVersion: countersign.dev/v1alpha1\nkind: ScopePolicy\nmetadata: {name: p}\nspec:\n  priority: high\n  allow:\n  - get pods\n  forbid: ["preset:nope"]\n';
    const { problems, world } = await loadText(text);

    expect(problems).toMatchObject([
      { document: 1, path: ['spec', 'priority'], line: 5, column: 13 },
      { document: 1, path: ['spec', 'forbid', 0], line: 8, column: 12 },
    ]);
    expect(world.policies()).toEqual([]);
    expect(
      (
        await loadText(text.replace('high', '7').replace('preset:nope', 'preset:escalation'))
      ).world.policies(),
    ).toHaveLength(1);
  });

  it('are printed on one line, without what a terminal obeys', async () => {
    const [problem] = await problemsIn(
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: x, labels: {"a\\u001b[31m\\nb": 1}}\n',
    );

    expect(problem).not.toMatch(/\p{Cc}/u);
    expect(problem).toContain('metadata.labels["a\\u001b[31m\\nb"]');
  });
});
