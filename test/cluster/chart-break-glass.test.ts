import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { kindOf, nameOf, rendered } from '../support/chart.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';

/** The registrations of the chart on a real API server, while nobody answers them: what waits, what goes on, who may. */

const cluster = sharedCluster();
const KEY = 'countersign.dev/break-glass';
const GLASS = { [KEY]: 'INC-1' };
const ASKS = { 'countersign.dev/inject': 'true' };
const [ALICE, BOB] = ['alice', 'bob'];

const NOT_HELD = 'needs the verb breakglass on admissions.countersign.dev';
const notCalled = (name: string) => `failed calling webhook "${name}.countersign.dev"`;

let objects: readonly JsonObject[] = [];
let enforced = '';
let ordinary = '';

async function apply(...items: readonly object[]): Promise<void> {
  await cluster.kubectl(['apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });
}

function bound(namespace: string, user: string, role: string): object {
  const group = 'rbac.authorization.k8s.io';
  return {
    apiVersion: `${group}/v1`,
    kind: 'RoleBinding',
    metadata: { namespace, name: `${user}-${role}` },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: group, kind: 'User', name: user }],
  };
}

beforeAll(async () => {
  const chart = await rendered();
  objects = chart.objects.filter((object) =>
    [
      'ValidatingWebhookConfiguration',
      'MutatingWebhookConfiguration',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicyBinding',
    ].includes(kindOf(object)),
  );
  enforced = await newNamespace(cluster, { 'countersign.dev/enforce': 'true' });
  ordinary = await newNamespace(cluster);
  await apply(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'glass-breaker' },
      rules: [{ apiGroups: ['countersign.dev'], resources: ['admissions'], verbs: ['breakglass'] }],
    },
    ...[enforced, ordinary].flatMap((namespace) => [
      bound(namespace, ALICE, 'edit'),
      bound(namespace, BOB, 'edit'),
    ]),
    bound(enforced, BOB, 'glass-breaker'),
    ...objects,
  );
  // The API server takes both up within a second or so, and does not say when.
  const tried = (annotations: object) => created(ALICE, pod('probe', annotations), '--dry-run=server');
  await vi.waitUntil(
    async () =>
      (await tried(GLASS)).includes(NOT_HELD) && (await tried(ASKS)).includes(notCalled('injected')),
    { timeout: 30_000, interval: 500 },
  );
});
afterAll(async () => {
  for (const object of objects)
    await cluster.kubectl(['delete', kindOf(object), nameOf(object), '--ignore-not-found']);
});

const SPEC = { containers: [{ name: 'app', image: 'registry.example/app:1' }] };

function pod(name: string, annotations: object = {}, namespace = enforced): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, annotations }, spec: SPEC };
}

function deployment(name: string, annotations: object = {}, { own = {}, namespace = enforced } = {}): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, annotations: own },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: SPEC },
    },
  };
}

function cronJob(name: string, annotations: object): object {
  const template = { metadata: { annotations }, spec: { ...SPEC, restartPolicy: 'Never' } };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace: enforced },
    spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template } } },
  };
}

/** What was said against it; empty when it was done. */
async function done(user: string, args: readonly string[], input = ''): Promise<string> {
  const { code, stderr } = await cluster.kubectl(args, { as: user, input, allowFailure: true });
  return code === 0 ? '' : stderr;
}

const created = (user: string, object: object, ...flags: string[]) =>
  done(user, ['create', '-f', '-', ...flags], JSON.stringify(object));

describe('while Countersign is away', () => {
  it.each<[string, string, () => object, string]>([
    ['a change in an enforced namespace waits', ALICE, () => deployment('plain'), notCalled('change')],
    ['so does a bare pod', ALICE, () => pod('plain'), notCalled('change')],
    ['and a CronJob', ALICE, () => cronJob('plain', {}), notCalled('change')],
    ['elsewhere changes go on', ALICE, () => deployment('plain', {}, { namespace: ordinary }), ''],
    ['and so do pods', ALICE, () => pod('plain', {}, ordinary), ''],
    [
      'a pod that asks for credentials waits everywhere',
      ALICE,
      () => pod('asks', ASKS, ordinary),
      notCalled('injected'),
    ],
    ['without the verb nobody breaks the glass of a pod', ALICE, () => pod('glass', GLASS), NOT_HELD],
    ['of a Deployment', ALICE, () => deployment('glass', GLASS), NOT_HELD],
    ['by its own annotation', ALICE, () => deployment('glass', {}, { own: GLASS }), NOT_HELD],
    ['of a CronJob', ALICE, () => cronJob('glass', GLASS), NOT_HELD],
    ['with the verb in another namespace neither', BOB, () => pod('glass', GLASS, ordinary), NOT_HELD],
    ['with the verb a Deployment is let in', BOB, () => deployment('glass', GLASS), ''],
    ['and one with the annotation of its own', BOB, () => deployment('own-glass', {}, { own: GLASS }), ''],
    ['and a CronJob', BOB, () => cronJob('glass', GLASS), ''],
    [
      'and a pod that asks for credentials, which starts without them',
      BOB,
      () => pod('glass', { ...GLASS, ...ASKS }),
      '',
    ],
  ])('%s', async (_, user, object, said) => {
    const answer = await created(user, object());

    if (said === '') expect(answer).toBe('');
    else expect(answer).toContain(said);
  });

  it('the controllers make the pods of what is there', async () => {
    const count = async (namespace: string, app: string) =>
      (await cluster.kubectl(['get', 'pods', '-n', namespace, `-l=app=${app}`, '-o', 'name'])).stdout
        .trim()
        .split('\n')
        .filter(Boolean).length;

    await expect.poll(() => count(enforced, 'glass'), { timeout: 30_000 }).toBe(1);
    await expect.poll(() => count(ordinary, 'plain'), { timeout: 30_000 }).toBe(1);
  });
});

describe('the audit log of the API server', () => {
  it.each<[string, string, () => object, string, number]>([
    ['of a bare pod that was let past', BOB, () => pod('audited', { [KEY]: 'INC-7' }), 'INC-7', 201],
    ['of one that was not', ALICE, () => pod('tried', { [KEY]: 'INC-8' }), 'INC-8', 403],
    ['of a Deployment', BOB, () => deployment('audited', { [KEY]: 'INC-9' }), 'INC-9', 201],
    ['on its own metadata', BOB, () => deployment('own', {}, { own: { [KEY]: 'INC-10' } }), 'INC-10', 201],
    ['of a CronJob', BOB, () => cronJob('audited', { [KEY]: 'INC-11' }), 'INC-11', 201],
  ])('has the ticket %s', async (_, user, object, ticket, code) => {
    await created(user, object());

    const codes = async () =>
      (
        await cluster.auditLog(
          ({ annotations, namespace, verb }) =>
            namespace === enforced &&
            verb === 'create' &&
            annotations['countersign-break-glass/ticket'] === ticket,
        )
      ).map((event) => event.code);
    await expect.poll(codes, { timeout: 15_000 }).toEqual([code]);
  });
});

describe('what was let in past Countersign', () => {
  const edit = (user: string, patch: object) =>
    done(user, [
      'patch',
      'deployment',
      'glass',
      '-n',
      enforced,
      '--type=merge',
      `-p=${JSON.stringify(patch)}`,
    ]);
  const template = (more: object) => ({ spec: { template: more } });

  it.each<[string, string, object, string]>([
    ['is scaled by anyone', ALICE, { spec: { replicas: 2 } }, ''],
    ['is labelled by anyone', ALICE, { metadata: { labels: { a: 'b' } } }, ''],
    [
      'is changed by nobody without the verb',
      ALICE,
      template({ spec: { terminationGracePeriodSeconds: 1 } }),
      NOT_HELD,
    ],
    [
      'is not given another ticket either',
      ALICE,
      template({ metadata: { annotations: { [KEY]: 'INC-2' } } }),
      NOT_HELD,
    ],
    ['is changed with the verb', BOB, template({ spec: { terminationGracePeriodSeconds: 2 } }), ''],
    [
      'is judged as any other without the annotation',
      ALICE,
      template({ metadata: { annotations: { [KEY]: null } } }),
      notCalled('change'),
    ],
  ])('%s', async (_, user, patch, said) => {
    const answer = await edit(user, patch);

    if (said === '') expect(answer).toBe('');
    else expect(answer).toContain(said);
  });

  it('is deleted by anyone', async () => {
    expect(await done(ALICE, ['delete', 'deployment', 'glass', '-n', enforced])).toBe('');
  });
});
