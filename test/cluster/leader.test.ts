import { Agent } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { type KubeAccess, loadKubeAccess } from '../../src/kube/config.ts';
import { createLeaderElection, type LeaderElection, type LeaderWork } from '../../src/kube/lease.ts';
import { refusalOf } from '../../src/kube/refusal.ts';
import { type EventEntry, eventName, eventOf, eventsPath } from '../../src/review/event.ts';
import { createEventRecorder, type EventRecorder } from '../../src/review/events.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { captureLog } from '../support/log.ts';

const cluster = sharedCluster();
const agent = new Agent({ ca: cluster.caPem, keepAlive: true });
const log = captureLog();
const ends: (() => Promise<void>)[] = [];
let namespace = '';
let access: KubeAccess;
let client: KubeClient;

/** Exactly what the documentation says is needed. */
const RULES = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    resourceNames: ['leader'],
    verbs: ['get', 'update'],
  },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
];

beforeAll(async () => {
  namespace = await newNamespace(cluster);
  const metadata = { name: 'countersign', namespace };
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: RULES },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'countersign' },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
  ];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await cluster.kubectl(['create', '-f', '-'], { input });
  access = await accessOf('countersign');
  client = createKubeClient(access);
  const user = `system:serviceaccount:${namespace}:countersign`;
  const question = ['auth', 'can-i', 'create', 'leases.coordination.k8s.io', '-n', namespace];
  // The authorizer sees a binding a moment later.
  await vi.waitFor(() => cluster.kubectl(question, { as: user }), { timeout: 10_000 });
});

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

afterAll(async () => {
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  agent.destroy();
});

async function accessOf(account: string): Promise<KubeAccess> {
  const token = await cluster.serviceAccountToken(
    { namespace, name: account },
    'https://kubernetes.default.svc',
  );
  const headers = { authorization: `Bearer ${token}` };
  return {
    server: new URL(cluster.server),
    context: 'test',
    connect: async () => ({ agent, headers, auth: undefined }),
  };
}

function running(run: (signal: AbortSignal) => Promise<void>): () => Promise<void> {
  const stop = new AbortController();
  const done = run(stop.signal);
  const end = async () => {
    stop.abort();
    await done;
  };
  ends.push(end);
  return end;
}

const untilAborted: LeaderWork = (signal) =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });

describe('leader election', () => {
  interface Candidate {
    readonly election: LeaderElection;
    /** In good order. */
    readonly stop: () => Promise<void>;
    /** As if its process or its network were gone. */
    readonly kill: () => void;
  }

  function stand(identity: string, as: KubeAccess = access): Candidate {
    let killed = false;
    const election = createLeaderElection({
      client: createKubeClient({
        ...as,
        connect: () => (killed ? Promise.reject(new Error('killed')) : as.connect()),
      }),
      namespace,
      name: 'leader',
      identity,
      clock: systemClock,
      now: () => new Date(),
      random: Math.random,
      log: log.logger,
    });
    const stop = running((signal) => election.run(signal, untilAborted));
    return { election, stop, kill: () => void (killed = true) };
  }

  /** Looks often that there are never two leaders. */
  async function watched(candidates: readonly Candidate[], done: () => boolean): Promise<number> {
    const from = performance.now();
    while (!done() && performance.now() - from < 60_000) {
      expect(candidates.filter(({ election }) => election.leading).length).toBeLessThanOrEqual(1);
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
    return (performance.now() - from) / 1000;
  }

  function after(seconds: number): () => boolean {
    const end = performance.now() + seconds * 1000;
    return () => performance.now() >= end;
  }

  async function lease(field: string): Promise<string> {
    const args = ['get', 'lease', 'leader', '-n', namespace, '-o', `jsonpath={.spec.${field}}`];
    return (await cluster.kubectl(args)).stdout;
  }

  it('has one leader, and the next one after its end, in good order or not', async () => {
    const both = [stand('a'), stand('b')] as const;
    await watched(both, () => both.some(({ election }) => election.leading));
    const [first, second] = both[0].election.leading ? both : both.toReversed();
    if (first === undefined || second === undefined) throw new Error('nobody leads');
    await watched(both, after(6));
    expect([first.election.leading, second.election.leading]).toEqual([true, false]);
    expect(await lease('holderIdentity')).toBe(first === both[0] ? 'a' : 'b');

    first.kill();
    expect(await watched(both, () => second.election.leading)).toBeGreaterThan(10);
    expect(await lease('leaseTransitions')).toBe('1');

    const third = stand('c');
    await watched([second, third], after(3));
    expect(third.election.leading).toBe(false);
    await second.stop();
    expect(await watched([second, third], () => third.election.leading)).toBeLessThan(6);
    expect(await lease('leaseTransitions')).toBe('2');

    await third.stop();
    expect(await lease('holderIdentity')).toBe('');
  });

  it('goes on when its Lease is deleted', async () => {
    const only = stand('d');
    await watched([only], () => only.election.leading);
    await cluster.kubectl(['delete', 'lease', 'leader', '-n', namespace]);
    await watched([only], after(5));

    expect(only.election.leading).toBe(true);
    expect(await lease('holderIdentity')).toBe('d');
  });

  it('says what is missing when the account may not', async () => {
    const only = stand('e', await accessOf('default'));
    const missing = `missing: get,create,update leases.coordination.k8s.io in ${namespace}`;

    await expect.poll(() => log.entries()).toContainEqual(expect.objectContaining({ failure: missing }));
    expect(only.election.leading).toBe(false);
  });
});

function entry(name: string, note: string): EventEntry {
  const regarding = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name };
  return { regarding, type: 'Warning', reason: 'ScopeDenied', action: 'Admission', note, key: note };
}

describe('events', () => {
  const drops: string[] = [];

  function recorder(as: KubeClient = client): EventRecorder & { readonly stop: () => Promise<void> } {
    const made = createEventRecorder({
      client: as,
      clock: systemClock,
      now: () => new Date(),
      random: Math.random,
      instance: 'test-1',
      onDrop: (reason) => drops.push(reason),
      onForbidden: ({ missing, message }) => drops.push(`${missing}: ${message}`),
    });
    return { ...made, stop: running((signal) => made.run(signal)) };
  }

  async function events(): Promise<string> {
    return (await cluster.kubectl(['get', 'events', '-n', namespace, '-o', 'wide'])).stdout;
  }

  it('are seen by kubectl, with how often it happened', async () => {
    const recording = recorder();
    recording.record(entry('absent', 'shop/absent may not run: 1 missing [d-7f3k2m4q]\n  missing  get pods'));
    await expect
      .poll(events, { timeout: 10_000 })
      .toMatch(
        /Warning +ScopeDenied +deployment\/absent +countersign\.dev\/webhook, test-1 +shop\/absent may not run: 1 missing \[d-7f3k2m4q\]\.\.\. +\S+ +1 +absent\.[0-9a-f]{16}/u,
      );
    for (const times of [2, 4]) {
      for (let more = 0; more < times; more += 1) {
        recording.record(
          entry('absent', 'shop/absent may not run: 1 missing [d-7f3k2m4q]\n  missing  get pods'),
        );
      }
      await expect.poll(events, { timeout: 10_000 }).toMatch(times === 2 ? / 3 +absent\./u : / 7 +absent\./u);
    }
    expect(
      (await events())
        .trim()
        .split('\n')
        .filter((line) => line.includes('/absent ')),
    ).toHaveLength(1);
    const described = await cluster.kubectl(['events', '-n', namespace, '--for=deployment/absent']);
    expect(described.stdout).toContain('(x7 over ');
    expect(drops).toEqual([]);
  });

  it('are written before the end', async () => {
    const recording = recorder();
    recording.record(entry('last', 'the last words'));
    await recording.stop();

    expect(await events()).toContain('the last words');
  });

  it('are taken whatever the object is called', async () => {
    const long = '日本\u0000'.repeat(2000);
    const names = ['System:Node:x', 'a..b', '-', '', long, 'x'.repeat(253), '../../etc', 'é.é'];
    const moment = new Date();
    const seen = { count: 3, first: moment, last: moment };
    for (const name of names) {
      const { regarding, ...rest } = entry(name, long);
      const hostile = { ...regarding, apiVersion: long, kind: long, uid: long };
      const body = eventOf({ ...rest, reason: long, action: long, regarding: hostile }, seen, long);
      await expect(client.post(eventsPath(regarding), body)).resolves.toBeDefined();
    }
  });

  it('are let go when their namespace is absent, or the account may not', async () => {
    drops.length = 0;
    const { regarding, ...rest } = entry('api', 'elsewhere');
    const elsewhere = { ...rest, regarding: { ...regarding, namespace: 'absent' } };
    recorder(createKubeClient(await loadKubeAccess({ kubeconfig: cluster.kubeconfig }))).record(elsewhere);
    await expect.poll(() => drops, { timeout: 10_000 }).toEqual(['refused']);

    recorder().record(elsewhere);
    const missing = /^create,patch events\.events\.k8s\.io in absent: .*forbidden/u;
    await expect
      .poll(() => drops, { timeout: 10_000 })
      .toEqual(['refused', expect.stringMatching(missing), 'refused']);
  });

  it.each([
    ['another count', { series: { count: 9, lastObservedTime: '2026-11-24T10:00:00.000000Z' } }, undefined],
    ['a count of one', { series: { count: 1, lastObservedTime: '2026-11-24T10:00:00.000000Z' } }, 422],
    ['another note', { note: 'changed' }, 422],
    ['another time', { eventTime: '2020-01-01T00:00:00.000000Z' }, 422],
  ])('can be changed to %s or not, as the API server has it', async (what, change, code) => {
    const written = entry('rules', what);
    const moment = new Date();
    const seen = { count: 1, first: moment, last: moment };
    const path = eventsPath(written.regarding);
    await client.post(path, eventOf(written, seen, 'test-1'));
    const changed = client.patch(`${path}/${eventName(written, seen, 'test-1')}`, change);
    const error: unknown = await changed.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );

    expect(refusalOf(error)?.code).toBe(code);
  });
});
