import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedCluster } from '../support/cluster.ts';
import {
  applyTo,
  DENY_EVERY_RISK,
  enforcedNamespace,
  granted,
  NO_VAULT,
} from '../support/cluster-objects.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { workloadObject } from '../support/workload.ts';

const cluster = sharedCluster();
const RBAC = 'rbac.authorization.k8s.io';
const LABEL = 'countersign.dev/moments';

const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'moments' },
  spec: {
    match: { namespaceSelector: { matchLabels: { [LABEL]: 'true' } } },
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

const needs = (text: string) => ({ 'countersign.dev/needs': text });

const apply = (...objects: object[]) => applyTo(cluster, ...objects);

async function created(object: object, ...flags: string[]) {
  return cluster.kubectl(['create', '-f', '-', ...flags], {
    input: JSON.stringify(object),
    allowFailure: true,
  });
}

async function prepared(...resources: string[]): Promise<string> {
  const namespace = await enforcedNamespace(cluster, LABEL);
  for (const resource of resources) {
    expect((await apply(...granted(namespace, resource, resource))).stderr).toBe('');
  }
  return namespace;
}

function deployment(namespace: string, annotations: Record<string, string>, more: object = {}): object {
  return { ...workloadObject({ namespace, annotations, metadata: { name: 'api', namespace } }), ...more };
}

async function names(kind: string, namespace: string): Promise<readonly string[]> {
  const { stdout } = await cluster.kubectl(['get', kind, '-n', namespace, '-o', 'name']);
  return stdout.split('\n').filter(Boolean);
}

async function podsOf(namespace: string, count: number): Promise<readonly string[]> {
  await expect.poll(() => names('pods', namespace), { timeout: 20_000 }).toHaveLength(count);
  return names('pods', namespace);
}

describe('a binding made just before its workload', () => {
  it('is seen, ten times out of ten', async () => {
    for (const at of Array(10).keys()) {
      const namespace = await prepared();
      // One request after the other over one connection each: the Deployment follows within milliseconds.
      const list = [...granted(namespace, `pods-${at}`, 'pods'), deployment(namespace, needs('get pods'))];
      const { stderr, code } = await apply(...list);

      expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    }
  });

  it('is no reason any more when it was deleted just before', async () => {
    const namespace = await prepared('pods', 'secrets');
    const refused = await apply(deployment(namespace, needs('get pods')));
    expect(refused.stderr).toContain('1 excess');
    await cluster.kubectl(['delete', 'rolebinding', 'secrets', '-n', namespace]);

    expect(await apply(deployment(namespace, needs('get pods')))).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a rolling update from one declaration to another', () => {
  it('blocks the pods of neither', async () => {
    const namespace = await prepared('pods');
    expect(await apply(deployment(namespace, needs('get pods')))).toMatchObject({ code: 0, stderr: '' });
    const [old = ''] = await podsOf(namespace, 1);
    await apply(...granted(namespace, 'configmaps', 'configmaps'));

    expect(await apply(deployment(namespace, needs('get configmaps')))).toMatchObject({
      code: 0,
      stderr: '',
    });
    await podsOf(namespace, 2);
    await cluster.kubectl(['delete', old, '-n', namespace, '--force']);
    await podsOf(namespace, 2);
    expect(await names('pods', namespace)).not.toContain(old);
  });
});

describe('a pod that is not what it says', () => {
  const EXCESS = /may not run as serviceaccount .*1 excess/u;

  async function ownedPod(namespace: string, annotations = needs('get pods')): Promise<object> {
    const { stdout } = await cluster.kubectl(['get', 'replicasets', '-n', namespace, '-o', 'json']);
    const { items } = JSON.parse(stdout) as { items: { metadata: { name: string; uid: string } }[] };
    const owner = items[0]?.metadata;
    const reference = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      name: owner?.name,
      uid: owner?.uid,
      controller: true,
    };
    return workloadObject({
      kind: 'Pod',
      namespace,
      annotations,
      metadata: { name: 'forged', namespace, ownerReferences: [reference] },
    });
  }

  async function grown(): Promise<string> {
    const namespace = await prepared('pods');
    expect(await apply(deployment(namespace, needs('get pods')))).toMatchObject({ code: 0 });
    await podsOf(namespace, 1);
    await apply(...granted(namespace, 'secrets', 'secrets'));
    return namespace;
  }

  it('is judged as a change: a forged owner, by a person', async () => {
    const namespace = await grown();

    expect((await created(await ownedPod(namespace))).stderr).toMatch(EXCESS);
  });

  it('is judged as a change: the name of a controller from another namespace', async () => {
    const namespace = await grown();
    const as = `--as=system:serviceaccount:${namespace}:replicaset-controller`;
    await apply({
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: { namespace, name: 'operator' },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'edit' },
      subjects: [{ kind: 'ServiceAccount', namespace, name: 'replicaset-controller' }],
    });

    expect((await created(await ownedPod(namespace), as)).stderr).toMatch(EXCESS);
  });

  it('is judged as a change: the identity of the controller, and another declaration than the owner’s', async () => {
    const namespace = await grown();
    const as = '--as=system:serviceaccount:kube-system:replicaset-controller';
    const { code } = await created(await ownedPod(namespace, needs('get configmaps')), as);
    expect(code).not.toBe(0);
    await expect
      .poll(() => registered.webhook.log.filter((line) => JSON.stringify(line).includes(`${namespace}"`)))
      .toContainEqual(expect.objectContaining({ endpoint: 'reschedule', moment: 'change', verdict: 'deny' }));
  });

  it.each(['ReplicationController', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'])(
    'and a %s of a person is a change like any other',
    async (kind) => {
      const namespace = await prepared('secrets');
      const object = workloadObject({
        kind,
        namespace,
        annotations: needs(''),
        metadata: { name: 'own', namespace },
        podSpec: { restartPolicy: kind === 'Job' ? 'Never' : 'Always' },
      });

      expect((await created(object)).stderr).toMatch(EXCESS);
    },
  );
});

describe('an account that has become excessive', () => {
  it('lets the pods of an admitted Deployment come back, with a recorded warning', async () => {
    const namespace = await prepared('pods');
    await apply(deployment(namespace, needs('get pods')));
    const [pod = ''] = await podsOf(namespace, 1);
    await apply(...granted(namespace, 'secrets', 'secrets'));
    await cluster.kubectl(['delete', pod, '-n', namespace, '--force']);
    await podsOf(namespace, 1);

    expect(await names('pods', namespace)).not.toContain(pod);
    await expect
      .poll(async () => (await cluster.kubectl(['get', 'events', '-n', namespace, '-o', 'json'])).stdout, {
        timeout: 15_000,
      })
      .toMatch(/1 excess \[d-[0-9a-z]{8}, policy moments\]/u);
  });
});

describe('what is unknown', () => {
  const lost = (name: string) => ({
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: `${name}-is-not-there` },
    subjects: [{ apiGroup: RBAC, kind: 'Group', name: 'system:serviceaccounts' }],
  });

  it('does not switch a proved finding off: a binding of everyone to a role that does not exist', async () => {
    const namespace = await prepared('secrets');
    await apply(lost('moments-lost'));
    try {
      expect((await apply(deployment(namespace, needs('get pods')))).stderr).toMatch(/1 missing, 1 excess/u);
    } finally {
      await cluster.kubectl(['delete', 'clusterrolebinding', 'moments-lost']);
    }
  });

  it('does not switch a proved finding off: a role deleted after it was bound', async () => {
    const namespace = await prepared('pods', 'secrets');
    await cluster.kubectl(['delete', 'role', 'pods', '-n', namespace]);

    expect((await apply(deployment(namespace, needs('get pods')))).stderr).toMatch(/1 missing, 1 excess/u);
  });

  it('does not switch a proved finding off: access reviews that fail', async () => {
    const namespace = await prepared('secrets');
    const edit = (op: string) =>
      cluster.kubectl(['patch', 'clusterrole', 'countersign', '--type=json', '-p', op]);
    const { stdout } = await cluster.kubectl(['get', 'clusterrole', 'countersign', '-o', 'json']);
    const { rules } = JSON.parse(stdout) as { rules: { resources: string[] }[] };
    const at = rules.findIndex(({ resources }) => resources.includes('subjectaccessreviews'));
    await edit(JSON.stringify([{ op: 'remove', path: `/rules/${at}` }]));
    try {
      await expect
        .poll(async () => (await apply(deployment(namespace, needs('get pods')))).stderr, { timeout: 10_000 })
        .toMatch(/1 excess, 1 undetermined/u);
    } finally {
      await edit(JSON.stringify([{ op: 'replace', path: '/rules', value: rules }]));
    }
  });
});
