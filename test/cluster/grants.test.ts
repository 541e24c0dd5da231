import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Admission } from '../../src/admit/handler.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import type { Notice } from '../../src/core/notice.ts';
import { watchCluster } from '../../src/facts/cluster/cluster.ts';
import { createLiveTruth } from '../../src/facts/cluster/live.ts';
import type { World } from '../../src/facts/world.ts';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { createEventRecorder } from '../../src/review/events.ts';
import { keepGrants } from '../../src/review/grants/keep.ts';
import type { KnownStanding } from '../../src/review/grants/keeper.ts';
import { createGrantUses } from '../../src/review/grants/uses.ts';
import { admissionOn, ask, responseOf, reviewOf } from '../support/admission.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { applyTo, DENY_EVERY_RISK, granted } from '../support/cluster-objects.ts';
import { installCrds } from '../support/crds.ts';
import { workloadObject } from '../support/workload.ts';

/** Two replicas and a leader with the rights of the chart; their clock can be set ahead of that of the API server. */

const cluster = sharedCluster();
const agent = new Agent({ ca: cluster.caPem, keepAlive: true });
const OURS = 'countersign.dev/v1alpha1';
const WAIT = { timeout: 20_000, interval: 100 };
const DAY_MS = 86_400_000;
const NEEDS_NOTHING = { 'countersign.dev/needs': '' };
/** Decisions go twice that after their grant. */
const VIEW_SECONDS = 2;

const stop = new AbortController();
const running: Promise<void>[] = [];
const notices: Notice[] = [];
const troubles: unknown[] = [];
let namespace = '';
let client: KubeClient;
let replicas: readonly Admission[] = [];
let standings: ReadonlyMap<string, KnownStanding> = new Map();
let aheadMs = 0;
const nowMs = () => Date.now() + aheadMs;

beforeAll(async () => {
  await installCrds(cluster);
  namespace = await newNamespace(cluster, { 'countersign.dev/grants': 'true' });
  await apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'api' } },
    ...granted(namespace, 'configmaps', 'configmaps'),
    {
      apiVersion: OURS,
      kind: 'ScopePolicy',
      metadata: { name: 'grants' },
      spec: {
        match: { namespaceSelector: { matchLabels: { 'countersign.dev/grants': 'true' } } },
        onChange: { excess: DENY_EVERY_RISK },
        grants: { mayWaive: ['excess'], maxDuration: '24h' },
      },
    },
    ...ownRights(),
  );
  client = await ownClient();
  await vi.waitUntil(
    () =>
      client.get('/apis/countersign.dev/v1alpha1/accessgrants').then(
        () => true,
        () => false,
      ),
    WAIT,
  );
  const [first, second] = [await replica(), await replica()];
  replicas = [first.admission, second.admission];
  const recorder = createEventRecorder({
    ...parts(),
    instance: 'leader',
    // A thousand of one account are more than anybody reads.
    onDrop: (reason) => void (reason === 'limited' || troubles.push(reason)),
    onForbidden: (failure) => void troubles.push(failure),
  });
  const log = { warn: (...said: unknown[]) => void troubles.push(said) };
  const settings = { keepEvidenceDays: 30, warnBeforeExpirySeconds: 900 };
  running.push(
    recorder.run(stop.signal),
    keepGrants(
      {
        ...parts(),
        facts: first.world,
        settings,
        factsMaxAgeSeconds: VIEW_SECONDS,
        recorder,
        notify: (notice) => void notices.push(notice),
        log,
        onCounted: (counted) => void (standings = counted),
      },
      stop.signal,
    ),
  );
});

afterAll(async () => {
  stop.abort();
  await Promise.all(running);
  await cluster.kubectl(['delete', 'scopepolicy', 'grants', '--ignore-not-found']);
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  agent.destroy();
});

const parts = () => ({ client, clock: systemClock, random: Math.random, now: () => new Date(nowMs()) });

/** The ClusterRole of manifests/rbac.yaml, for an account of this test. */
function ownRights(): readonly object[] {
  const [role] = parseAllDocuments(readFileSync('manifests/rbac.yaml', 'utf8'))
    .map((document) => document.toJS() as JsonObject)
    .filter(({ kind, metadata }) => kind === 'ClusterRole' && objectOf(metadata)['name'] === 'countersign');
  const name = `grants-${namespace}`;
  const group = 'rbac.authorization.k8s.io';
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'countersign' } },
    { ...role, metadata: { name } },
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', namespace, name: 'countersign' }],
    },
  ];
}

async function ownClient(): Promise<KubeClient> {
  const who = { namespace, name: 'countersign' };
  const token = await cluster.serviceAccountToken(who, 'https://kubernetes.default.svc');
  const headers = { authorization: `Bearer ${token}` };
  const connect = async () => ({ agent, headers, auth: undefined });
  return createKubeClient({ server: new URL(cluster.server), context: 'test', connect });
}

async function replica(): Promise<{ readonly world: World; readonly admission: Admission }> {
  const log = { info: () => undefined, warn: (...said: unknown[]) => void troubles.push(said) };
  const { world, synced, done } = watchCluster({ client, signal: stop.signal, log });
  const uses = createGrantUses({
    ...parts(),
    notify: (notice) => void notices.push(notice),
    onUsed: () => undefined,
    onDrop: () => undefined,
    onRefused: (message) => void troubles.push(message),
  });
  running.push(done, uses.run(stop.signal));
  await synced;
  const live = { ...createLiveTruth(client), vault: async () => undefined };
  return {
    world,
    admission: admissionOn(world, { now: nowMs, live, onDecision: (decided) => uses.onDecision(decided) }),
  };
}

async function apply(...objects: readonly object[]): Promise<void> {
  expect(await applyTo(cluster, ...objects)).toMatchObject({ code: 0 });
}

function grant(name: string, spec: object = {}, place = namespace): JsonObject {
  return {
    apiVersion: OURS,
    kind: 'AccessGrant',
    metadata: { name, namespace: place },
    spec: {
      serviceAccount: { name: 'api' },
      scopes: [`get configmaps in ${namespace}`],
      checks: ['excess'],
      reason: 'the queue is stuck',
      duration: '1h',
      requester: 'jane',
      ...spec,
    },
  };
}

async function object(kind: string, name: string, place = namespace): Promise<JsonObject> {
  const { stdout } = await cluster.kubectl(['get', kind, name, '-n', place, '-o', 'json']);
  return objectOf(JSON.parse(stdout));
}

const statusOf = async (name: string, place = namespace) =>
  objectOf((await object('ag', name, place))['status']);

async function eventually(name: string, status: object, place = namespace): Promise<JsonObject> {
  await expect.poll(() => statusOf(name, place), WAIT).toMatchObject(status);
  return statusOf(name, place);
}

/** On the grant as it is shown. */
async function decide(name: string, spec: object = {}, place = namespace): Promise<void> {
  const { uid } = objectOf((await object('ag', name, place))['metadata']);
  await expect.poll(() => statusOf(name, place), WAIT).toHaveProperty('scopesDigest');
  const { scopesDigest } = await statusOf(name, place);
  const decision = {
    apiVersion: OURS,
    kind: 'AccessDecision',
    metadata: { generateName: `${name}-`, namespace: place },
    spec: {
      grant: name,
      grantUID: uid,
      scopesDigest,
      requester: 'jane',
      by: 'omar',
      decision: 'Approve',
      reason: 'agreed',
      ...spec,
    },
  };
  await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify(decision) });
}

/** What each replica says to the workload. */
async function answers(): Promise<readonly boolean[]> {
  const deployment = workloadObject({ namespace, annotations: NEEDS_NOTHING });
  const said = await Promise.all(replicas.map((one) => ask(one, 'change', reviewOf({ object: deployment }))));
  return said.map((handled) => responseOf(handled)['allowed'] === true);
}

const PASSES = [true, true];
const REFUSED = [false, false];
const told = (name: string) => notices.filter(({ fields }) => fields.name === name).map(({ event }) => event);

describe('a grant on a real API server', () => {
  it('lets the workload pass in every replica once it is approved, and is counted', async () => {
    await expect.poll(answers, WAIT).toEqual(REFUSED);
    await apply(grant('debug'));
    await eventually('debug', {
      state: 'Pending',
      message: 'waits for the decision of somebody else than jane',
    });
    expect(await answers()).toEqual(REFUSED);

    await decide('debug');
    await expect.poll(answers, WAIT).toEqual(PASSES);
    const { expiresAt } = await eventually('debug', { state: 'Active', decidedBy: 'omar' });
    for (let times = 0; times < 5; times += 1) expect(await answers()).toEqual(PASSES);
    await expect.poll(async () => Number((await statusOf('debug'))['uses']), WAIT).toBeGreaterThanOrEqual(12);
    const { stdout } = await cluster.kubectl(['get', 'ag', 'debug', '-n', namespace]);
    expect(stdout).toMatch(/debug +Active +api +jane +omar +\S+ +1\d /u);
    expect(textOf(expiresAt)).toMatch(/Z$/u);
    expect(told('debug')).toEqual(['GrantOpened', 'GrantApproved', 'GrantUsed']);
  });

  it('is never changed once it is made', async () => {
    const wider = [
      'patch',
      'ag',
      'debug',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      '{"spec":{"scopes":["* * everywhere"]}}',
    ];
    const { code, stderr } = await cluster.kubectl(wider, { allowFailure: true });

    expect([code, stderr]).toEqual([1, expect.stringContaining('a grant is never changed')]);
  });

  it('says on its account that it ends soon, once, and then that it has ended', async () => {
    aheadMs = 50 * 60_000;
    await eventually('debug', { state: 'Active', warnedAt: expect.any(String) });
    const events = async () =>
      (await cluster.kubectl(['events', '-n', namespace, '--for=serviceaccount/api', '--no-headers'])).stdout;
    await expect
      .poll(events, WAIT)
      .toMatch(
        /Warning +GrantExpiring +ServiceAccount\/api +grant \S+\/debug ends soon: approved by omar until/u,
      );
    expect(await answers()).toEqual(PASSES);
  });

  it('ends to the second in every replica', async () => {
    const endsMs = Date.parse(textOf((await statusOf('debug'))['expiresAt']) ?? '');
    const at = async (thenMs: number) => {
      const deployment = reviewOf({ object: workloadObject({ namespace, annotations: NEEDS_NOTHING }) });
      const said = await Promise.all(
        replicas.map((one) => ask({ ...one, now: () => thenMs }, 'change', deployment)),
      );
      return said.map((handled) => responseOf(handled)['allowed']);
    };

    expect(await at(endsMs - 1)).toEqual(PASSES);
    expect(await at(endsMs)).toEqual(REFUSED);
    aheadMs = endsMs - Date.now();
    await eventually('debug', {
      state: 'Expired',
      message: expect.stringContaining('approved by omar, and ended at '),
    });
    expect(told('debug')).toEqual([
      'GrantOpened',
      'GrantApproved',
      'GrantUsed',
      'GrantExpiring',
      'GrantExpired',
    ]);
    aheadMs = 0;
  });

  it('that is rejected never holds, whoever approves it then', async () => {
    await apply(grant('rejected'));
    await decide('rejected', { decision: 'Reject', by: 'ada' });
    await decide('rejected');
    await eventually('rejected', { state: 'Rejected', decidedBy: 'ada', message: 'rejected by ada' });

    expect(told('rejected')).toEqual(['GrantOpened', 'GrantRejected']);
  });

  it('that is revoked ends at once in every replica', async () => {
    await cluster.kubectl(['delete', 'ag', 'debug', '-n', namespace]);
    await apply(grant('revoked', { duration: '72h' }));
    await decide('revoked');
    await expect.poll(answers, WAIT).toEqual(PASSES);
    await eventually('revoked', {
      state: 'Active',
      message: expect.stringMatching(/; asked for 72h, policy grants allows 24h$/u),
    });

    await decide('revoked', { decision: 'Revoke', by: 'jane' });
    await expect.poll(answers, WAIT).toEqual(REFUSED);
    await eventually('revoked', { state: 'Revoked', message: 'revoked by jane' });
  });

  it.each<[string, object, string]>([
    ['requester', { by: 'jane' }, 'who asks does not approve'],
    ['machine', { by: 'system:serviceaccount:shop:bot' }, 'a person approves, not a service account'],
    ['digest', { scopesDigest: 'sha256:0' }, 'it was made of something else than the grant says'],
    ['uid', { grantUID: 'g-0' }, 'it is about another grant of this name'],
    ['asker', { requester: 'mallory' }, 'it names another requester'],
  ])('is void, and says why: %s', async (name, decision, why) => {
    await apply(grant(name));
    await decide(name, decision);

    await eventually(name, { state: 'Void', message: expect.stringContaining(why) });
    expect(await answers()).toEqual(REFUSED);
  });

  it('for an account of another namespace waives nothing here', async () => {
    const other = await newNamespace(cluster);
    await apply(grant('elsewhere', {}, other));
    await decide('elsewhere', {}, other);

    await eventually(
      'elsewhere',
      { state: 'Active', message: expect.stringContaining(`there is no service account ${other}/api`) },
      other,
    );
    expect(await answers()).toEqual(REFUSED);
  });

  it('that is pinned to an account waives nothing for another one of its name', async () => {
    const { uid } = objectOf((await object('sa', 'api'))['metadata']);
    await apply(grant('pinned', { serviceAccount: { name: 'api', uid: textOf(uid) ?? '' } }));
    await decide('pinned');
    await expect.poll(answers, WAIT).toEqual(PASSES);

    await cluster.kubectl(['delete', 'sa', 'api', '-n', namespace]);
    await cluster.kubectl(['create', 'sa', 'api', '-n', namespace]);
    await expect.poll(answers, WAIT).toEqual(REFUSED);
    // Nothing of the grant has changed: it is looked at again once a minute.
    await expect
      .poll(() => statusOf('pinned'), { timeout: 90_000, interval: 500 })
      .toMatchObject({ message: expect.stringContaining('was made again since') });
  });

  it('is kept as evidence, then deleted, and the decisions on it after that', async () => {
    aheadMs = 29 * DAY_MS;
    await eventually('pinned', { state: 'Expired' });
    const left = async (kind: string) =>
      (await cluster.kubectl(['get', kind, '-n', namespace, '-o', 'name'])).stdout;
    expect(await left('ag')).toContain('/revoked');
    aheadMs = 32 * DAY_MS;
    await expect.poll(() => left('ag'), WAIT).toBe('');
    await expect.poll(() => left('ad'), WAIT).toBe('');
    expect(await answers()).toEqual(REFUSED);
    aheadMs = 0;
  });

  it('is looked after in good time, a thousand of them', async () => {
    const items = Array.from({ length: 1000 }, (_, at) => grant(`many-${at}`));
    for (let at = 0; at < items.length; at += 250) await apply(...items.slice(at, at + 250));
    await apply(grant('many-last'));
    const states = async () => {
      const all = await client.get(`/apis/${OURS}/namespaces/${namespace}/accessgrants`);
      const written = listOf(objectOf(all)['items']).map(
        (item) => objectOf(objectOf(item)['status'])['state'],
      );
      return ['Pending', 'Void'].map((state) => written.filter((one) => one === state).length);
    };
    await expect.poll(states, { timeout: 200_000, interval: 500 }).toEqual([1000, 1]);
    expect(standings.size).toBe(1001);
    await expect.poll(answers, WAIT).toEqual(REFUSED);
  }, 240_000);

  it('needs no right that the chart does not give', () => {
    expect(troubles).toEqual([]);
  });
});
