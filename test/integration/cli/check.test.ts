import { describe, expect, it } from 'vitest';
import { countersign, withFiles } from '../../support/cli.ts';

const EXAMPLES = 'manifests/examples';

function deployment(name: string, needs: string | undefined, account = 'api'): string {
  const annotations = needs === undefined ? {} : { 'countersign.dev/needs': needs };
  const spec = { serviceAccountName: account, containers: [{ name: 'app', image: 'app:1' }] };
  const template = { metadata: { annotations, labels: { app: name } }, spec };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: { selector: {}, template },
  });
}

const ACCOUNT = JSON.stringify({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'api', namespace: 'shop' },
});
const REF = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole' };
const binding = (role: string) =>
  JSON.stringify({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'b', namespace: 'shop' },
    roleRef: { ...REF, name: role },
    subjects: [{ kind: 'ServiceAccount', name: 'api' }],
  });

describe('check', () => {
  it('prints a pass and a refusal as the webhook would word it, and ends with 1', async () => {
    const { code, out, err } = await countersign(['check', EXAMPLES]);

    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toContain(
      'pass    shop/orders (Deployment) as serviceaccount shop/orders [policy production]',
    );
    expect(out).toContain(
      'deny    billing/statements (Deployment) may not run as serviceaccount billing/statements: 1 missing, 1 excess [d-',
    );
    expect(out).toContain('2 workloads in 4 files: 1 pass, 1 deny');
    // oxlint-disable-next-line no-control-regex
    expect(out).not.toMatch(/\u001B/u);
  });

  it('prints JSON for machines', async () => {
    const { out } = await countersign(['check', EXAMPLES, '-o', 'json']);
    const report: { workloads: { name: string; result: string; findings: { reason: string }[] }[] } =
      JSON.parse(out);

    expect(
      report.workloads.map(({ name, result, findings }) => [
        name,
        result,
        findings.map(({ reason }) => reason),
      ]),
    ).toEqual([
      ['orders', 'pass', []],
      ['statements', 'deny', ['Missing', 'Excess']],
    ]);
  });

  it('reads standard input', async () => {
    const { code, out } = await countersign(['check', '-'], [ACCOUNT, deployment('api', '')].join('\n---\n'));

    expect(out).toContain('pass    shop/api (Deployment)');
    expect(code).toBe(0);
  });

  it.each([
    [
      '0: what is needed is held by a stock role',
      [ACCOUNT, binding('view'), deployment('api', 'get,list,watch pods')],
      ['--fail-on', 'deny'],
      0,
    ],
    ['1: a finding that only warns', [ACCOUNT, deployment('api', 'get pods')], [], 1],
    [
      '0: the same, when only what is refused counts',
      [ACCOUNT, deployment('api', 'get pods')],
      ['--fail-on', 'deny'],
      0,
    ],
    [
      '3: a role that may be elsewhere',
      [ACCOUNT, binding('somewhere'), deployment('api', 'get pods')],
      [],
      3,
    ],
    [
      '1: a finding beside something undetermined',
      [
        ACCOUNT,
        binding('somewhere'),
        deployment('api', 'get pods'),
        deployment('web', 'get pods', 'default'),
      ],
      [],
      1,
    ],
    ['1: a declaration that cannot be read', [ACCOUNT, deployment('api', 'get pods in')], [], 1],
  ])('exit code %s', async (_, documents, flags, code) => {
    expect((await countersign(['check', '-', ...flags], documents.join('\n---\n'))).code).toBe(code);
  });

  it('takes policies from another folder', async () => {
    const policy =
      'apiVersion: countersign.dev/v1alpha1\nkind: ScopePolicy\nmetadata: { name: strict }\nspec: { onChange: { missing: Deny } }\n';
    const { out } = await withFiles({ 'p.yaml': policy }, (dir) =>
      countersign(
        ['check', '-', '--policies', dir],
        [ACCOUNT, deployment('api', 'get pods')].join('\n---\n'),
      ),
    );

    expect(out).toContain('deny ');
    expect(out).toContain('policy strict]');
  });

  it('names file, line and column of a mistake in a declaration', async () => {
    const manifest = [
      'apiVersion: apps/v1',
      'kind: Deployment',
      'metadata: { name: api, namespace: shop }',
      'spec:',
      '  template:',
      '    metadata:',
      '      annotations:',
      '        countersign.dev/needs: |',
      '          get pods',
      '          get secrets named',
      '        countersign.dev/fiel.x: db',
      '    spec: { containers: [] }',
    ].join('\n');
    const { out } = await withFiles({ 'm.yaml': manifest }, (dir) => countersign(['check', dir]));

    expect(out).toMatch(/m\.yaml:10:28: countersign\.dev\/needs: line 2, column 18: /u);
    expect(out).toMatch(
      /m\.yaml:11:\d+: countersign\.dev\/fiel\.x: there is no such annotation; did you mean countersign\.dev\/file\.<file name>\?/u,
    );
  });

  it('reports all that is wrong with the input at once, and ends with 2', async () => {
    const bad = 'kind: Deployment\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: []\n---\n{ not yaml';
    const { code, out, err } = await withFiles({ 'bad.yaml': bad }, (dir) => countersign(['check', dir]));

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.trim().split('\n').length).toBeGreaterThanOrEqual(4);
    expect(err).toContain('nothing was judged');
  });

  it.each([
    ['no argument', ['check'], "missing required argument 'DIR|-'"],
    ['a folder that is not there', ['check', '/does/not/exist'], '/does/not/exist'],
    ['an unknown format', ['check', '-', '-o', 'xml'], 'Allowed choices are text, json'],
    ['an unknown option', ['check', '-', '--polices', 'x'], 'Did you mean --policies?'],
    ['an unknown command', ['chekc', '-'], 'Did you mean check?'],
  ])('ends with 2 for %s', async (_, args, said) => {
    const { code, err } = await countersign(args);

    expect(code).toBe(2);
    expect(err).toContain(said);
  });

  it('explains itself', async () => {
    const { code, out } = await countersign(['check', '--help']);

    expect(code).toBe(0);
    expect(out).toContain('countersign check manifests/examples');
  });
});
