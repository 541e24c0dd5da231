import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import { at } from '../support/chart.ts';
import { ASKS } from '../support/chart-pods.ts';
import { type ChartRelease, OWN_NAMESPACE, prepareRelease } from '../support/chart-release.ts';
import { replicasOf, scale } from '../support/chart-replicas.ts';
import { containerNames, podTemplate, sharedNode } from '../support/node.ts';

/** A release whose replicas are all gone: what goes on, what waits for them, who may let something past. */

const node = sharedNode();
const { cluster } = node;
const NODE = 'node-1';
const SLOW = { timeout: 90_000, interval: 500 };
const FOREVER = "trap 'exit 0' TERM; while sleep 1; do :; done";
const GLASS = { 'countersign.dev/break-glass': 'INC-1' };
const NOT_HELD = 'needs the verb breakglass on admissions.countersign.dev';

let release: ChartRelease;
let namespace = '';
const madeNamespaces: string[] = [];

beforeAll(async () => {
  release = await prepareRelease(node, { password: 'pw' });
  ({ namespace } = release);
  await release.install();
  await cluster.kubectl(['label', 'namespace', namespace, 'countersign.dev/enforce=true']);
  await apply(deployment('plain', { 'countersign.dev/needs': '' }), deployment('asking', ASKS));
  for (const name of ['plain', 'asking']) await available(name);
  await scale(cluster, 0);
});
afterAll(async () => {
  await cluster.kubectl(['uncordon', NODE]);
  await release?.stop();
  await cluster.kubectl(['delete', 'deployments', '--all', '-n', namespace]);
  for (const made of madeNamespaces) await cluster.kubectl(['delete', 'namespace', made, '--wait=false']);
});

async function apply(...items: readonly object[]): Promise<void> {
  await cluster.kubectl(['apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });
}

function deployment(name: string, annotations: JsonObject): object {
  const template = podTemplate({ annotations, script: FOREVER, spec: { restartPolicy: 'Always' } });
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { ...template, metadata: { ...objectOf(template['metadata']), labels } },
    },
  };
}

async function available(name: string): Promise<void> {
  const where = ['-n', namespace, '--timeout=90s'];
  await cluster.kubectl(['wait', `deployment/${name}`, '--for=condition=Available', ...where]);
}

async function podsOf(name: string): Promise<readonly JsonObject[]> {
  const { stdout } = await cluster.kubectl(['get', 'pods', '-n', namespace, `-l=app=${name}`, '-o', 'json']);
  return listOf(objectOf(JSON.parse(stdout))['items']).map(objectOf);
}

/** What the events say of the ReplicaSets of a Deployment. */
async function refusalsOf(name: string): Promise<readonly string[]> {
  const only = '--field-selector=reason=FailedCreate,involvedObject.kind=ReplicaSet';
  const { stdout } = await cluster.kubectl(['get', 'events', '-n', namespace, only, '-o', 'json']);
  return listOf(objectOf(JSON.parse(stdout))['items'])
    .filter((event) => String(at(event, 'involvedObject', 'name')).startsWith(`${name}-`))
    .map((event) => textOf(objectOf(event)['message']) ?? '');
}

describe('with Countersign scaled to 0, of the pods of a drained node', () => {
  beforeAll(async () => {
    const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=60s'];
    await cluster.kubectl(['drain', NODE, ...flags]);
    await cluster.kubectl(['uncordon', NODE]);
  });

  it('those without credentials come back', async () => {
    await available('plain');

    expect(await refusalsOf('plain')).toEqual([]);
  });

  it('those with credentials do not come back without them, and the first line says why', async () => {
    await expect.poll(() => refusalsOf('asking'), SLOW).not.toEqual([]);

    for (const message of await refusalsOf('asking'))
      expect(message.split('\n')[0]).toContain('failed calling webhook "injected.countersign.dev"');
    expect(await podsOf('asking')).toEqual([]);
  });
});

describe('with Countersign scaled to 0, a pod that asks for credentials', () => {
  it.each(['kube-system', 'vault', OWN_NAMESPACE])('starts in %s, without them', async (where) => {
    const exists = await cluster.kubectl(['get', 'namespace', where], { allowFailure: true });
    if (exists.code !== 0) {
      await cluster.kubectl(['create', 'namespace', where]);
      madeNamespaces.push(where);
    }
    const account = { namespace: where, name: 'default' };
    await vi.waitFor(() => cluster.serviceAccountToken(account, 'vault'), SLOW);
    const pod = await node.runPod({
      namespace: where,
      name: 'critical',
      account: 'default',
      annotations: ASKS,
      script: 'true',
    });
    await pod.until('Succeeded');
    expect(containerNames(await pod.read(), 'initContainers')).toEqual([]);
    await pod.delete();
  });
});

describe('with Countersign scaled to 0, the glass', () => {
  const users = { holder: 'alice', elsewhere: 'bob', nobody: 'carol' } as const;

  beforeAll(async () => {
    const other = await node.newRestrictedNamespace();
    await apply(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'glass-breaker' },
        rules: [{ apiGroups: ['countersign.dev'], resources: ['admissions'], verbs: ['breakglass'] }],
      },
      ...Object.values(users).map((user) => bound(namespace, user, 'edit')),
      bound(namespace, users.holder, 'glass-breaker'),
      bound(other, users.elsewhere, 'glass-breaker'),
    );
  });
  afterAll(() => cluster.kubectl(['delete', 'clusterrole', 'glass-breaker']));

  function bound(where: string, user: string, role: string): object {
    const group = 'rbac.authorization.k8s.io';
    return {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata: { namespace: where, name: `${user}-${role}` },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
      subjects: [{ apiGroup: group, kind: 'User', name: user }],
    };
  }

  async function created(user: string, name: string, annotations: JsonObject): Promise<string> {
    const input = JSON.stringify(deployment(name, annotations));
    const { stderr } = await cluster.kubectl(['create', '-f', '-'], {
      input,
      as: user,
      allowFailure: true,
    });
    return stderr;
  }

  it.each(Object.entries(users))('stays whole when the annotation is not there (%s)', async (_, user) => {
    const said = await created(user, `wanted-by-${user}`, ASKS);

    expect(said).toContain('failed calling webhook "change.countersign.dev"');
  });

  it.each([
    ['who holds the verb in another namespace', users.elsewhere],
    ['who does not hold it', users.nobody],
  ])('is not broken by %s', async (_, user) => {
    expect(await created(user, `refused-to-${user}`, { ...ASKS, ...GLASS })).toContain(NOT_HELD);
  });

  it('is broken by who holds the verb: the pod runs, without credentials', async () => {
    expect(await created(users.holder, 'emergency', { ...ASKS, ...GLASS })).toBe('');
    await available('emergency');

    const [pod] = await podsOf('emergency');
    expect(pod && containerNames(pod, 'initContainers')).toEqual([]);
  });
});

describe('once Countersign is there again', () => {
  beforeAll(() => scale(cluster, 3));

  it('its own pods have started by themselves', async () => {
    expect(await replicasOf(cluster)).toHaveLength(3);
  });

  it('those with credentials come back by themselves, and have them', async () => {
    await vi.waitFor(() => available('asking'), SLOW);

    const names = (await podsOf('asking')).map((pod) => containerNames(pod, 'initContainers'));
    expect(names).toEqual([['countersign-init']]);
  });
});
