import { Agent } from 'node:https';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DenialsConfig } from '../../src/api/config-denials.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import type { World } from '../../src/facts/world.ts';
import { createKubeClient } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import type { KubeAccess } from '../../src/kube/config.ts';
import { createDenials, type Denials } from '../../src/review/denials/denials.ts';
import { createScrubber } from '../../src/telemetry/scrub.ts';
import { admissionOn, ask, type Reviewed, reviewOf, worldOf } from '../support/admission.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { installCrds } from '../support/crds.ts';
import { DENIAL_SETTINGS } from '../support/denial-replicas.ts';
import { captureLog } from '../support/log.ts';
import { workloadObject } from '../support/workload.ts';

const cluster = sharedCluster();
const agent = new Agent({ ca: cluster.caPem, keepAlive: true });
const ends: (() => Promise<void>)[] = [];
let access: KubeAccess;
let home = '';
let namespace = '';
let world: World;
let laterMs = 0;
let drops: Record<string, number>;
let log: ReturnType<typeof captureLog>;

/** Exactly what the documentation says is needed. */
const RULES = [
  {
    apiGroups: ['countersign.dev'],
    resources: ['denials'],
    verbs: ['get', 'list', 'watch', 'create', 'delete'],
  },
  { apiGroups: ['countersign.dev'], resources: ['denials/status'], verbs: ['patch'] },
];
const POLICY: JsonObject = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'strict' },
  spec: { onChange: { missing: 'Deny' } },
};
const WAIT = { timeout: 30_000, interval: 250 };

beforeAll(async () => {
  await installCrds(cluster);
  home = await newNamespace(cluster);
  const metadata = { name: 'countersign', namespace: home };
  const rbac = 'rbac.authorization.k8s.io';
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: `denials-${home}` }, rules: RULES },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: `denials-${home}` },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: `denials-${home}` },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
  ];
  await cluster.kubectl(['create', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });
  const account = { namespace: home, name: 'countersign' };
  const token = await cluster.serviceAccountToken(account, 'https://kubernetes.default.svc');
  const headers = { authorization: `Bearer ${token}` };
  access = {
    server: new URL(cluster.server),
    context: 'test',
    connect: async () => ({ agent, headers, auth: undefined }),
  };
  const user = `system:serviceaccount:${home}:countersign`;
  // The authorizer sees a binding a moment later.
  await vi.waitFor(() => cluster.kubectl(['auth', 'can-i', 'create', 'denials', '-A'], { as: user }), WAIT);
});

beforeEach(async () => {
  namespace = await newNamespace(cluster);
  world = worldOf(POLICY);
  laterMs = 0;
  drops = {};
  log = captureLog();
});

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found']);
});

afterAll(async () => {
  await cluster.kubectl(['delete', 'clusterrole,clusterrolebinding', `denials-${home}`]);
  await cluster.kubectl(['delete', 'namespace', home, '--wait=false']);
  agent.destroy();
});

interface Replica {
  readonly denials: Denials;
  /** A review, decided as the webhook does it. */
  readonly review: (reviewed: Reviewed) => Promise<void>;
}

function replica({ leads = false, ...settings }: Partial<DenialsConfig> & { leads?: boolean } = {}): Replica {
  const stop = new AbortController();
  const denials = createDenials({
    client: createKubeClient(access),
    clock: systemClock,
    random: Math.random,
    now: () => new Date(Date.now() + laterMs),
    facts: world,
    factsMaxAgeSeconds: 300,
    settings: { ...DENIAL_SETTINGS, ...settings },
    scrub: createScrubber().scrub,
    log: log.logger,
    onDrop: (reason, refusals) => {
      drops[reason] = (drops[reason] ?? 0) + refusals;
    },
    onWrite: () => {},
  });
  const running = [denials.run(stop.signal), ...(leads ? [denials.lead(stop.signal)] : [])];
  ends.push(async () => {
    stop.abort();
    await Promise.all(running);
  });
  const admission = admissionOn(world, { onDecision: (decided) => denials.onDecision(decided) });
  return {
    denials,
    async review(reviewed) {
      await ask(admission, 'change', reviewOf(reviewed));
    },
  };
}

const needing = (needs: string, name = 'api') =>
  workloadObject({ namespace, name, annotations: { 'countersign.dev/needs': needs } });

async function stored(): Promise<readonly JsonObject[]> {
  const { stdout } = await cluster.kubectl(['get', 'denials', '-n', namespace, '-o', 'json']);
  return listOf(objectOf(JSON.parse(stdout))['items']).map(objectOf);
}

function statusBecomes(want: object): Promise<void> {
  return vi.waitFor(async () => {
    const [denial, ...others] = await stored();
    expect(others).toEqual([]);
    expect(denial?.['status']).toMatchObject(want);
  }, WAIT);
}

describe('denials on the API server', () => {
  it('are one object of two replicas, which add up', async () => {
    const replicas = [replica(), replica()];
    for (let times = 0; times < 30; times += 1) {
      for (const [at, { review }] of replicas.entries()) {
        await review({ object: needing('get pods'), username: `user-${at}` });
      }
    }
    await statusBecomes({
      state: 'Open',
      count: 60,
      requesters: [
        { name: 'user-0', count: 30 },
        { name: 'user-1', count: 30 },
      ],
    });
    for (const { review } of replicas) await review({ object: needing('get pods'), username: 'user-2' });
    await statusBecomes({ count: 62 });

    const { stdout } = await cluster.kubectl(['get', 'den', '-n', namespace, '--no-headers']);
    expect(stdout).toMatch(/^d-[0-9a-z]{8}\s+Open\s+Deployment\s+api\s+api\s+62\s/u);
    const [denial] = await stored();
    expect(objectOf(denial?.['spec'])['findings']).toEqual([
      expect.objectContaining({ check: 'missing', action: 'Deny', scope: `get pods in ${namespace}` }),
    ]);
  });

  it('have what the workload needs, at first and by the last refusal of the same', async () => {
    const [one, other] = [replica(), replica()];
    await one.review({ object: needing('get pods') });
    await statusBecomes({ count: 1 });
    // Nothing is known of any Vault here, so nothing is found of it.
    await other.review({ object: needing('get pods\nvault read kv/a') });
    const needs = [`get pods in ${namespace}`, 'vault read kv/a'];
    await statusBecomes({ count: 2, lastRefusal: { needs, moreNeeds: 0, mayWaive: [] } });

    const [denial] = await stored();
    expect(denial?.['spec']).toMatchObject({ needs: [`get pods in ${namespace}`], mayWaive: [] });
  });

  it('are closed by whichever replica admits the workload, and open again', async () => {
    const [one, other] = [replica(), replica()];
    await one.review({ object: needing('get pods') });
    await statusBecomes({ state: 'Open' });
    await other.review({ object: needing('') });
    await statusBecomes({ state: 'Resolved', message: 'admitted' });
    await one.review({ object: needing('get pods') });
    await statusBecomes({ state: 'Open', count: 2 });
  });

  it('expire, and are gone later', async () => {
    const { review } = replica({ leads: true });
    await review({ object: needing('get pods') });
    await statusBecomes({ state: 'Open' });
    laterMs = DENIAL_SETTINGS.expireAfterSeconds * 1000;
    await statusBecomes({ state: 'Expired' });
    laterMs += DENIAL_SETTINGS.keepClosedSeconds * 1000;
    await vi.waitFor(async () => expect(await stored()).toEqual([]), WAIT);
  });

  it('answer a re-check of the workload as it is stored', async () => {
    const { review } = replica({ leads: true });
    await review({ object: needing('get pods') });
    await statusBecomes({ state: 'Open' });
    const recheck = (at: string) =>
      cluster.kubectl([
        'annotate',
        'den',
        '--all',
        '-n',
        namespace,
        '--overwrite',
        `countersign.dev/recheck=${at}`,
      ]);
    await recheck('2026-01-31T12:00:00Z');
    await statusBecomes({ recheck: { requestedAt: '2026-01-31T12:00:00Z', outcome: 'Unknown' } });
    world.put('Deployment', needing('get pods'));
    await recheck('2026-01-31T12:01:00Z');
    await statusBecomes({ recheck: { requestedAt: '2026-01-31T12:01:00Z', outcome: 'Deny' } });
    world.put('Deployment', needing(''));
    await recheck('2026-01-31T12:02:00Z');
    await statusBecomes({ state: 'Open', recheck: { requestedAt: '2026-01-31T12:02:00Z', outcome: 'Pass' } });
  });

  it('stay within the bounds of two replicas at once', async () => {
    const replicas = [replica({ leads: true, maxPerNamespace: 5 }), replica({ maxPerNamespace: 5 })];
    for (let at = 0; at < 20; at += 1) {
      for (const { review } of replicas) await review({ object: needing('get pods', `w-${at}`) });
    }
    await vi.waitFor(async () => {
      const all = await stored();
      expect(all.map(({ spec }) => objectOf(objectOf(spec)['workload'])['name'])).toContain('w-19');
      expect(all.length).toBeLessThanOrEqual(5);
    }, WAIT);
  });

  it('hold whatever names and texts there are, and no credential', async () => {
    const jwt = `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(60)}.${'b'.repeat(60)}`;
    const nasty = `<img src=x onerror=alert(1)>\u001b[2J\u202e\r\n=cmd|' /C calc'!A0${'x'.repeat(65_536)}`;
    const { review } = replica();
    await review({ object: needing(`get ${jwt}\nlist hvs.CAESIabcdefgh12345678`), username: nasty });
    await review({ object: needing(nasty, 'other') });
    await review({ object: needing(`get pods named ${'y'.repeat(60_000)}`, nasty) });
    const readable = `get secrets named ${jwt}\nget pods named "\\u001b[2J\\u202e"`;
    await review({ object: needing(readable, 'readable') });
    await vi.waitFor(async () => expect(await stored()).toHaveLength(4), WAIT);
    const { stdout } = await cluster.kubectl(['get', 'den', '-n', namespace, '-o', 'wide']);
    const texts = JSON.stringify(await stored());

    expect(/eyJ|hvs\.|(?<!\\)\\u001b|\u202e/u.test(texts)).toBe(false);
    expect(/[^\P{Cc}\n]/u.test(stdout)).toBe(false);
    expect(texts.length).toBeLessThan(60_000);
    expect(drops).toEqual({});
  });

  it('never change what they are about', async () => {
    const { review } = replica();
    await review({ object: needing('get pods') });
    await statusBecomes({ state: 'Open' });
    const patch = ['patch', 'den', '-n', namespace, '--type=merge', '-p', '{"spec":{"summary":"other"}}'];
    const [denial] = await stored();
    const name = textOf(objectOf(denial?.['metadata'])['name']) ?? '';
    const { stderr } = await cluster.kubectl([...patch, name], { allowFailure: true });

    expect(stderr).toContain('a denial is never changed');
  });

  it('are dropped, counted and said once where their namespace is gone', async () => {
    const { review } = replica();
    await review({ object: needing('get pods') });
    await statusBecomes({ state: 'Open' });
    await cluster.kubectl(['delete', 'namespace', namespace]);
    for (const name of ['one', 'two']) await review({ object: needing('get pods', name) });
    await vi.waitFor(() => expect(drops).toEqual({ refused: 2 }), WAIT);

    expect(log.entries().filter(({ msg }) => msg === 'denials cannot be written')).toHaveLength(1);
  });
});
