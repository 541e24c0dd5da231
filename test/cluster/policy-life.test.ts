import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedCluster } from '../support/cluster.ts';
import { applyTo, enforcedNamespace, granted, NO_VAULT } from '../support/cluster-objects.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { workloadObject } from '../support/workload.ts';

/** A ScopePolicy from its first apply to its last valid version, and what a grant of rights is told. */

const cluster = sharedCluster();
const LABEL = 'countersign.dev/life';
const OPTIONS = { policies: [], vault: NO_VAULT };
const NEEDS = { 'countersign.dev/needs': 'get configmaps' };

let registered: Registered;
let namespace: string;
beforeAll(async () => {
  registered = await registerWebhook(cluster, OPTIONS);
  namespace = await enforcedNamespace(cluster, LABEL);
});
afterAll(async () => {
  await registered.stop();
  await cluster.kubectl(['delete', 'scopepolicy', 'life', '--ignore-not-found']);
});

const apply = (...objects: object[]) => applyTo(cluster, ...objects);

function policy(spec: object): object {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ScopePolicy',
    metadata: { name: 'life' },
    spec: { match: { namespaceSelector: { matchLabels: { [LABEL]: 'true' } } }, ...spec },
  };
}

const DENYING = policy({ onChange: { missing: 'Deny' } });
const UNREADABLE = policy({ onChange: { missing: 'Warn' }, allow: ['get pods', 'get pods in'] });

interface Status {
  readonly observedGeneration?: number;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly problems?: readonly object[];
  readonly lastValid?: { readonly onChange?: object };
  readonly mode?: string;
  readonly matchedWorkloads?: number;
  readonly wouldDeny?: number;
}

async function status(): Promise<Status & { readonly generation: number }> {
  const { stdout } = await cluster.kubectl(['get', 'scopepolicy', 'life', '-o', 'json']);
  const object = JSON.parse(stdout) as { metadata: { generation: number }; status?: Status };
  return { ...object.status, generation: object.metadata.generation };
}

/** The status that is about the policy as it is now. */
async function settledStatus(): Promise<Status> {
  await expect
    .poll(
      async () => {
        const { observedGeneration, generation } = await status();
        return observedGeneration === generation;
      },
      { timeout: 20_000 },
    )
    .toBe(true);
  return status();
}

const deploy = () =>
  apply(workloadObject({ namespace, annotations: NEEDS, metadata: { name: 'api', namespace } }));

describe('a policy that is applied', () => {
  it('decides within a second or so, and its status says what it would do', async () => {
    expect((await deploy()).stderr).not.toContain('denied');
    expect(await apply(DENYING)).toMatchObject({ code: 0, stderr: '' });

    expect(await settledStatus()).toMatchObject({
      conditions: [
        { type: 'Valid', status: 'True' },
        { type: 'Enforced', status: 'True' },
      ],
      mode: 'Enforce',
      matchedWorkloads: 1,
      wouldDeny: 1,
    });
    await cluster.kubectl(['delete', 'deployment', 'api', '-n', namespace]);
    expect((await deploy()).stderr).toMatch(/1 missing \[d-[0-9a-z]{8}, policy life\]/u);
  });

  it('shows at a glance what it does', async () => {
    const { stdout } = await cluster.kubectl(['get', 'scopepolicies', 'life']);
    const [head = '', line = ''] = stdout.split('\n').map((text) => text.replaceAll(/ {2,}/gu, '|'));

    expect(head).toMatch(/^NAME\|PRIORITY\|MODE\|VALID\|WORKLOADS\|WOULD-DENY/u);
    expect(line).toMatch(/^life\|.*Enforce\|True\|1\|1/u);
  });

  it('counts in its last valid version when it becomes unreadable, and says where', async () => {
    expect((await apply(UNREADABLE)).code).toBe(0);

    expect(await settledStatus()).toMatchObject({
      conditions: [{ type: 'Valid', status: 'False' }, { type: 'Enforced' }],
      problems: [{ path: 'spec.allow[1]', line: 1, column: 12 }],
      lastValid: { onChange: { missing: 'Deny' } },
      mode: 'Enforce',
    });
    expect((await deploy()).stderr).toContain('1 missing');
  });

  it('also in a process that never saw that version', async () => {
    await registered.stop();
    registered = await registerWebhook(cluster, OPTIONS);

    expect((await deploy()).stderr).toContain('1 missing');
  });

  it('decides no more when it is deleted', async () => {
    await cluster.kubectl(['delete', 'scopepolicy', 'life']);

    await expect.poll(async () => (await deploy()).code, { timeout: 10_000 }).toBe(0);
  });
});

describe('a grant of rights', () => {
  const name = 'configmaps';
  it('that ends what a declared workload needs warns with its name', async () => {
    expect((await apply(...granted(namespace, name, 'configmaps'))).stderr).toBe('');
    // The watch brings the binding within milliseconds.
    await expect
      .poll(
        async () =>
          (await cluster.kubectl(['delete', 'rolebinding', name, '-n', namespace, '--dry-run=server']))
            .stderr,
        { timeout: 10_000 },
      )
      .toContain(
        `Warning: RoleBinding ${namespace}/${name}: deleting it would break 1 workload: ${namespace}/api`,
      );
    const { stderr } = await cluster.kubectl(['delete', 'rolebinding', name, '-n', namespace]);

    expect(stderr).toMatch(
      new RegExp(`missing +${namespace}/api \\(Deployment\\): get configmaps in ${namespace}`, 'u'),
    );
  });

  it('that gives more than is needed warns with the risk', async () => {
    const [secrets] = granted(namespace, name, 'secrets');
    await apply(...granted(namespace, name, 'configmaps'));
    await expect
      .poll(async () => (await apply(secrets)).stderr, { timeout: 10_000 })
      .toMatch(/Warning: .*get secrets/u);
  });

  it('is not stopped by anything: the namespace goes with all its bindings', async () => {
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
    const { stdout } = await cluster.kubectl([
      'get',
      'namespace',
      namespace,
      '-o',
      'jsonpath={.status.phase}',
    ]);

    expect(stdout).toBe('Terminating');
  });
});
