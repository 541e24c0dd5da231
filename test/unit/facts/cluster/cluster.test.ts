import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/core/json.ts';
import { type ClusterFacts, watchCluster } from '../../../../src/facts/cluster/cluster.ts';
import { collectionPath, WATCHED_KINDS, type WatchedKind } from '../../../../src/facts/kinds.ts';
import { createKubeClient } from '../../../../src/kube/client.ts';
import { type FakeKube, startFakeKube, status } from '../../../support/fake-kube.ts';
import { createManualClock, type ManualClock, until } from '../../kube/manual-clock.ts';

const KINDS = Object.keys(WATCHED_KINDS) as readonly WatchedKind[];
const PATHS = Object.fromEntries(KINDS.map((kind) => [kind, collectionPath(WATCHED_KINDS[kind])])) as Record<
  WatchedKind,
  string
>;
const API = { namespace: 'shop', name: 'api' };

const ROLE = { metadata: { ...API }, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] };
const BINDING = {
  metadata: { ...API },
  roleRef: { kind: 'Role', name: 'api' },
  subjects: [{ kind: 'ServiceAccount', name: 'api' }],
};

let kube: FakeKube;
let clock: ManualClock;
let stop: AbortController;
let cluster: ClusterFacts;
let logged: string[];

beforeEach(async () => {
  kube = await startFakeKube();
  clock = createManualClock();
  stop = new AbortController();
  logged = [];
  kube.serve('/api', { kind: 'APIGroupDiscoveryList', items: [] });
  serveGroups('carts');
});

afterEach(async () => {
  stop.abort();
  await cluster.done;
  await kube.stop();
});

function serveGroups(...resources: readonly string[]): void {
  const versions = [{ resources: resources.map((resource) => ({ resource, scope: 'Cluster' })) }];
  kube.serve('/apis', {
    kind: 'APIGroupDiscoveryList',
    items: [{ metadata: { name: 'shop.example' }, versions }],
  });
}

function logs(level: string): (fields: object, message: string) => void {
  return (fields, message) => {
    logged.push(`${level} ${message} ${JSON.stringify(Object.values(fields))}`);
  };
}

function start(): void {
  const client = createKubeClient(kube.access, clock);
  const log = { info: logs('info'), warn: logs('warn') };
  cluster = watchCluster({ client, signal: stop.signal, log, clock, random: () => 0 });
}

/** Every watch is open and no request is under way: only discovery's step is left of the timers of half a minute. */
async function watching(): Promise<void> {
  await until(() => KINDS.every((kind) => kube.openWatches(PATHS[kind]) === 1));
  await until(() => clock.pending().filter((milliseconds) => milliseconds === 30_000).length === 1);
}

function discoveries(): number {
  return kube.requests.filter((request) => request === 'GET /apis').length;
}

describe('watchCluster', () => {
  it('asks for each kind where the API server has it', () => {
    start();

    expect(PATHS).toMatchObject({
      Namespace: '/api/v1/namespaces',
      ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      ReplicationController: '/api/v1/replicationcontrollers',
      CronJob: '/apis/batch/v1/cronjobs',
    });
  });

  it('fills its world, and is synced when every kind is', async () => {
    kube.put(PATHS.Role, ROLE);
    kube.put(PATHS.RoleBinding, BINDING);
    kube.put(PATHS.ServiceAccount, { metadata: API });
    start();
    expect(cluster.world.freshness().synced).toBe(false);

    await cluster.synced;

    expect(cluster.world.freshness()).toEqual({ synced: true, ageSeconds: 0 });
    expect(cluster.world.held(API).rules).toHaveLength(1);
    expect(cluster.world.account(API)).toBeDefined();
    expect(cluster.problems()).toEqual([]);
  });

  it('follows changes', async () => {
    start();
    await watching();
    kube.put(PATHS.Role, ROLE);
    kube.put(PATHS.RoleBinding, BINDING);
    await until(() => cluster.world.held(API).rules.length === 1);

    kube.remove(PATHS.RoleBinding, BINDING);
    kube.put(PATHS.ServiceAccount, { metadata: API });
    await until(() => cluster.world.held(API).rules.length === 0);
    await until(() => cluster.world.account(API) !== undefined);

    expect(cluster.world.held(API)).toEqual({ rules: [], dangling: [], unfilled: [] });
  });

  it('is not synced while one kind is refused, and names the permission that is missing', async () => {
    const refusals = Array.from({ length: 4 }, () => status(403, 'Forbidden'));
    kube.upset('list', PATHS.RoleBinding, ...refusals);
    start();
    await until(
      () =>
        cluster.problems().length > 0 &&
        KINDS.filter((kind) => kube.openWatches(PATHS[kind]) === 1).length === KINDS.length - 1,
    );

    expect(cluster.problems()).toEqual([
      'missing: list,watch rolebindings.rbac.authorization.k8s.io everywhere',
    ]);
    expect(cluster.world.freshness().synced).toBe(false);

    for (let refusal = 0; refusal < refusals.length; refusal += 1) {
      await until(() => clock.pending()[0] === 500);
      clock.advance(500);
    }
    await cluster.synced;
    await until(() => cluster.problems().length === 0);
    expect(logged.filter((line) => line.includes('RoleBinding') && !line.includes('Cluster'))).toEqual([
      'warn a watch failed ["RoleBinding","missing: list,watch rolebindings.rbac.authorization.k8s.io everywhere","ERR_KUBE_REFUSED"]',
      'info the first list is complete ["RoleBinding"]',
      'info a watch is back ["RoleBinding"]',
    ]);
  });

  it('says which CRD has to be installed, and is not synced without it', async () => {
    kube.upset('list', PATHS.ScopePolicy, status(404, 'NotFound'));
    start();
    await until(() => cluster.problems().length > 0);

    expect(cluster.problems()).toEqual([
      'CRD scopepolicies.countersign.dev is not installed: kubectl apply -f manifests/crds',
    ]);
    expect(cluster.world.freshness().synced).toBe(false);

    await until(() => clock.pending()[0] === 500);
    clock.advance(500);
    await cluster.synced;
  });

  it('follows policies, and says once when one is no longer valid', async () => {
    const policy = (spec: JsonObject, generation: number) => ({
      apiVersion: 'countersign.dev/v1alpha1',
      kind: 'ScopePolicy',
      metadata: { name: 'production', generation },
      spec,
    });
    kube.put(PATHS.ScopePolicy, policy({ priority: 7 }, 1));
    start();
    await watching();
    expect(cluster.world.policies()).toMatchObject([{ name: 'production', priority: 7 }]);

    kube.put(PATHS.ScopePolicy, policy({ allow: ['get pods in'] }, 2));
    await until(() => cluster.problems().length > 0);
    const complaint =
      'ScopePolicy production is not valid, so its last valid version counts: spec.allow[0]: line 1, column 12: expected a namespace after `in`';
    expect(cluster.problems()).toEqual([complaint]);
    expect(cluster.world.policies()).toMatchObject([{ priority: 7 }]);

    kube.put(PATHS.ScopePolicy, policy({ allow: ['get pods in'] }, 3));
    kube.put(PATHS.ScopePolicy, policy({ priority: 9 }, 4));
    await until(() => cluster.problems().length === 0);
    expect(cluster.world.policies()).toMatchObject([{ priority: 9 }]);
    expect(logged.filter((line) => line.includes('polic'))).toEqual([
      `warn a policy is not valid ["production","${complaint}"]`,
      'info a policy is valid again ["production"]',
    ]);
  });

  it('is as old as its stalest kind', async () => {
    start();
    await watching();
    clock.advance(50_000);
    for (const kind of KINDS) if (kind !== 'Role') kube.bookmark(PATHS[kind]);
    await until(() => [...cluster.ages().values()].filter((age) => age === 0).length === KINDS.length - 1);

    expect(cluster.world.freshness()).toEqual({ synced: true, ageSeconds: 50 });
    expect(cluster.ages().get('Role')).toBe(50);
  });

  it('keeps answering, and says what is wrong, while the API server is away', async () => {
    kube.put(PATHS.Role, ROLE);
    kube.put(PATHS.RoleBinding, BINDING);
    start();
    await watching();
    for (const kind of KINDS) kube.upset('watch', PATHS[kind], status(503, 'ServiceUnavailable'));
    for (const kind of KINDS) kube.end(PATHS[kind], 'cut');
    await until(() => cluster.problems().length === KINDS.length);

    expect(cluster.world.held(API).rules).toHaveLength(1);
    expect(cluster.world.freshness().synced).toBe(true);
    expect(cluster.problems()[0]).toMatch(/^namespaces: /);
  });
});

describe('the resources of a cluster', () => {
  it('include custom ones', async () => {
    start();
    await cluster.synced;

    expect(cluster.world.resources.namespaced('shop.example', 'carts')).toBe(false);
    expect(cluster.world.resources.namespaced('apps', 'deployments')).toBe(true);
  });

  it('are the built-in ones where discovery is refused, and asked for again', async () => {
    kube.upset('other', '/apis', status(503));
    start();
    await cluster.synced;
    expect(cluster.world.resources.namespaced('apps', 'deployments')).toBe(true);
    expect(cluster.problems()).toEqual([expect.stringContaining('discovery of resources: GET /apis: 503')]);

    await watching();
    clock.advance(30_000);
    await until(() => cluster.problems().length === 0);
    expect(cluster.world.resources.namespaced('shop.example', 'carts')).toBe(false);
  });

  it('are asked for again soon after an unknown name, once for each name', async () => {
    start();
    await watching();
    serveGroups('carts', 'baskets');
    expect(cluster.world.resources.namespaced('shop.example', 'baskets')).toBeUndefined();
    expect(cluster.world.resources.namespaced('shop.example', 'gone')).toBeUndefined();

    clock.advance(30_000);
    await until(() => cluster.world.resources.namespaced('shop.example', 'baskets') === false);
    expect(cluster.world.resources.namespaced('shop.example', 'gone')).toBeUndefined();
    clock.advance(30_000);
    await until(() => clock.pending().includes(30_000));

    expect(discoveries()).toBe(2);
  });

  it('are asked for again after five minutes', async () => {
    start();
    await watching();
    for (let step = 0; step < 10; step += 1) {
      expect(discoveries()).toBe(1);
      await until(() => clock.pending().includes(30_000));
      clock.advance(30_000);
    }

    await until(() => discoveries() === 2);
  });
});
