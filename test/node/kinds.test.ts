import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import { containerNames, podTemplate, type RunningPod, sharedNode, toolsContainer } from '../support/node.ts';
import { type NodeShop, openNodeShop } from '../support/node-shop.ts';

/** Pods of other shapes than one container: made by a CronJob, with init containers and sidecars, of several containers. */

const node = sharedNode();
const { cluster } = node;
const FILES = '/var/run/secrets/countersign.dev';
const password = `pw-${crypto.randomUUID()}`;
const hash = createHash('sha256').update(password).digest('hex');
const show = `sha256sum < ${FILES}/password`;

const ASKS = {
  'countersign.dev/inject': 'true',
  'countersign.dev/needs': '',
  'countersign.dev/credential.db': 'secret/data/shop/db',
  'countersign.dev/file.password': 'db.password',
  'countersign.dev/agent': 'sidecar',
};

let shop: NodeShop;
let namespace = '';

beforeAll(async () => {
  shop = await openNodeShop(node, password);
  ({ namespace } = shop);
});
afterAll(() => shop?.stop());

describe('a CronJob', () => {
  it('makes, at its time, a Job that completes with its credential', async () => {
    const manifest = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'report', namespace },
      spec: {
        schedule: '* * * * *',
        concurrencyPolicy: 'Forbid',
        jobTemplate: {
          spec: { backoffLimit: 0, template: podTemplate({ annotations: ASKS, script: show }) },
        },
      },
    };
    await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify(manifest) });
    const succeeded = '--for=jsonpath={.status.lastSuccessfulTime}';
    await cluster.kubectl(['wait', 'cronjob/report', '-n', namespace, succeeded, '--timeout=115s']);

    const asked = ['get', 'pods', '-n', namespace, '-l', 'job-name', '-o', 'json'];
    const { stdout } = await cluster.kubectl(asked);
    const [pod] = listOf(objectOf(JSON.parse(stdout))['items']).map((item) => objectOf(item)['metadata']);
    const name = textOf(objectOf(pod)['name']) ?? '';
    expect(name).toMatch(/^report-\d+-/);
    expect(await node.pod(namespace, name).logs()).toContain(hash);
    await cluster.kubectl(['delete', 'cronjob', 'report', '-n', namespace]);
  });
});

describe('a pod with init containers and a sidecar of its own', () => {
  const order = ['countersign-init', 'countersign-agent', 'migrate', 'companion', 'app'];
  let pod: RunningPod;

  beforeAll(async () => {
    const companion = toolsContainer('companion', `${show}; trap 'exit 0' TERM; while sleep 1; do :; done`);
    pod = await node.runPod({
      namespace,
      name: 'ordered',
      annotations: { ...ASKS, 'countersign.dev/containers': 'app,migrate,companion' },
      script: show,
      spec: {
        initContainers: [toolsContainer('migrate', show), { ...companion, restartPolicy: 'Always' }],
      },
    });
    await pod.until('Succeeded');
  });

  it('has ours before them, and is started in that order', async () => {
    const object = await pod.read();
    expect([...containerNames(object, 'initContainers'), ...containerNames(object, 'containers')]).toEqual(
      order,
    );
    const statuses = await Promise.all(order.map((name) => pod.status(name)));
    const started = statuses.map(({ startedAt }) => startedAt ?? Number.NaN);
    expect(started.every(Number.isFinite)).toBe(true);
    expect(started).toEqual(started.toSorted((one, other) => one - other));
    // Those that run to their end have ended before the next is started; the others go on.
    const [init, , migrate] = statuses;
    expect(init?.finishedAt).toBeLessThanOrEqual(started[1] ?? Number.NaN);
    expect(migrate?.finishedAt).toBeLessThanOrEqual(started[3] ?? Number.NaN);
    expect(statuses.map(({ restarts }) => restarts)).toEqual([0, 0, 0, 0, 0]);
  });

  it.each(['migrate', 'companion', 'app'])('lets %s read the credential', async (name) => {
    expect(await pod.logs(name)).toContain(hash);
  });

  it('ends with its application, and every sidecar with it', async () => {
    expect(await Promise.all(order.map(async (name) => (await pod.status(name)).exitCode))).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });
});

describe('of two containers', () => {
  /** All that a program can do to find what it was not given. */
  const search = `echo "variable $(printf %s "$DB_PASSWORD" | sha256sum)"
echo "mounts $(grep -c secrets/countersign.dev /proc/mounts)"
echo "folder $(ls ${FILES} 2>/dev/null | wc -l)"
echo "files $(find / -path /proc -prune -o -name password -print 2>/dev/null | wc -l)"
sleep 1`;
  const nothing = createHash('sha256').update('').digest('hex');

  it('only the one that is named has variable and file', async () => {
    const pod = await node.runPod({
      namespace,
      name: 'two',
      annotations: {
        ...ASKS,
        'countersign.dev/env.DB_PASSWORD': 'db.password',
        'countersign.dev/containers.db': 'app',
      },
      script: search,
      spec: { containers: [toolsContainer('app', search), toolsContainer('other', search)] },
    });
    await pod.until('Succeeded');

    const found = async (name: string) =>
      Object.fromEntries((await pod.logs(name)).split('\n').map((line) => line.split(' ').slice(0, 2)));
    // The file is a link to the one in the set.
    expect(await found('app')).toMatchObject({ variable: hash, mounts: '1', folder: '1', files: '2' });
    expect(await found('other')).toMatchObject({ variable: nothing, mounts: '0', folder: '0', files: '0' });
    expect(usesOf(await pod.read(), 'other')).toEqual([]);
    expect(usesOf(await pod.read(), 'app')).toHaveLength(2);
  });
});

/** Mounts and variables of a container that are Countersign's. */
function usesOf(pod: JsonObject, name: string): readonly unknown[] {
  const container = listOf(objectOf(pod['spec'])['containers'])
    .map(objectOf)
    .find((one) => one['name'] === name);
  const { env, volumeMounts } = container ?? {};
  return [...listOf(env), ...listOf(volumeMounts)].filter((one) =>
    JSON.stringify(one).includes('countersign'),
  );
}
