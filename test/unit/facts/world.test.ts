import { describe, expect, it } from 'vitest';
import type { Resources } from '../../../src/core/scope/resources.ts';
import { WATCHED_KINDS, type WatchedKind } from '../../../src/facts/kinds.ts';
import type { SpotProblem } from '../../../src/facts/spot.ts';
import { createWorld } from '../../../src/facts/world.ts';

const RESOURCES: Resources = {
  namespaced: () => undefined,
  subresources: () => undefined,
  nearest: () => undefined,
};
const API = { namespace: 'shop', name: 'api' };
const KINDS = Object.keys(WATCHED_KINDS) as readonly WatchedKind[];

function deployment(name: string, { replicas = 1, account = 'api', annotations = {} } = {}) {
  return {
    metadata: { namespace: 'shop', name, uid: `uid-${name}` },
    spec: { replicas, template: { metadata: { annotations }, spec: { serviceAccountName: account } } },
  };
}

const ROLE = {
  metadata: { namespace: 'shop', name: 'reader' },
  rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
};

const BINDING = {
  metadata: { namespace: 'shop', name: 'reader' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
  subjects: [{ kind: 'ServiceAccount', name: 'api' }],
};

function policy(spec: object) {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ScopePolicy',
    metadata: { name: 'production' },
    spec,
  };
}

function rule(verbs: readonly string[]) {
  return { verbs, apiGroups: [''], resources: ['pods'] };
}

function names(world: ReturnType<typeof createWorld>, account = API): readonly string[] {
  return world.runningAs(account).map(({ kind, name }) => `${kind} ${name}`);
}

describe('createWorld', () => {
  it('knows nothing at first, and is as fresh as it will be', () => {
    const world = createWorld(RESOURCES);

    expect(world.held(API)).toEqual({ rules: [], dangling: [], unfilled: [] });
    expect(world.account(API)).toBeUndefined();
    expect(world.namespace('shop')).toBeUndefined();
    expect(world.runningAs(API)).toEqual([]);
    expect(world.policies()).toEqual([]);
    expect(world.freshness()).toEqual({ synced: true, ageSeconds: 0 });
    expect(world.resources).toBe(RESOURCES);
  });

  it('keeps of a namespace its labels and whether it is being deleted', () => {
    const world = createWorld(RESOURCES);
    world.put('Namespace', {
      metadata: { name: 'shop', labels: { env: 'prod' }, annotations: { big: 'x' } },
    });
    world.put('Namespace', { metadata: { name: 'old', deletionTimestamp: '2026-01-01T00:00:00Z' } });

    expect(world.namespace('shop')).toEqual({ labels: { env: 'prod' }, deleting: false });
    expect(world.namespace('old')).toEqual({ labels: {}, deleting: true });
  });

  it('keeps of a node its labels and the version of its kubelet', () => {
    const world = createWorld(RESOURCES);
    world.put('Node', {
      metadata: { name: 'a', labels: { pool: 'x' }, annotations: { big: 'x' } },
      status: { nodeInfo: { kubeletVersion: 'v1.37.2', osImage: 'y' }, images: [{}] },
    });
    world.put('Node', { metadata: { name: 'b' } });
    const nodes = world.nodes();

    expect([...nodes]).toEqual([
      { name: 'a', labels: { pool: 'x' }, kubeletVersion: 'v1.37.2' },
      { name: 'b', labels: {}, kubeletVersion: undefined },
    ]);

    world.drop('Node', { namespace: undefined, name: 'a' });
    expect([...world.nodes()].map(({ name }) => name)).toEqual(['b']);
  });

  it('keeps of a service account what decides', () => {
    const world = createWorld(RESOURCES);
    world.put('ServiceAccount', {
      metadata: {
        ...API,
        uid: 'u',
        annotations: { 'countersign.dev/needs': 'get pods', other: 'x' },
        managedFields: [{}],
      },
      automountServiceAccountToken: false,
      secrets: [{ name: 'api-token' }, { namespace: 'nameless' }],
      imagePullSecrets: [{ name: 'pull' }],
    });
    world.put('ServiceAccount', { metadata: { namespace: 'shop', name: 'bare' } });

    expect(world.account(API)).toEqual({
      uid: 'u',
      automount: false,
      needs: 'get pods',
      secrets: ['api-token'],
    });
    expect(world.account({ namespace: 'shop', name: 'bare' })).toEqual({ secrets: [] });
  });

  it('follows roles and bindings as they come, change and go', () => {
    const world = createWorld(RESOURCES);
    world.put('RoleBinding', BINDING);
    expect(world.held(API).dangling).toHaveLength(1);

    world.put('Role', ROLE);
    expect(world.held(API).rules).toMatchObject([
      {
        namespace: 'shop',
        rule: { verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: [] },
      },
    ]);

    world.put('Role', { ...ROLE, rules: [] });
    expect(world.held(API).rules).toEqual([]);

    world.drop('RoleBinding', { namespace: 'shop', name: 'reader' });
    expect(world.held(API)).toEqual({ rules: [], dangling: [], unfilled: [] });
  });

  it('forgets a binding that no longer refers to a role', () => {
    const world = createWorld(RESOURCES);
    world.put('Role', ROLE);
    world.put('RoleBinding', BINDING);
    world.put('RoleBinding', { ...BINDING, roleRef: 7 });

    expect(world.held(API).rules).toEqual([]);
  });

  it('tells an aggregated role without rules from an empty one', () => {
    const world = createWorld(RESOURCES);
    const clusterBinding = { ...BINDING, roleRef: { kind: 'ClusterRole', name: 'view' } };
    world.put('RoleBinding', clusterBinding);
    world.put('ClusterRole', { metadata: { name: 'view' }, aggregationRule: {}, rules: null });
    expect(world.held(API).unfilled).toHaveLength(1);

    world.put('ClusterRole', { metadata: { name: 'view' } });
    expect(world.held(API).unfilled).toEqual([]);
  });

  it('finds the workloads of an account, and moves one that changes its account', () => {
    const world = createWorld(RESOURCES);
    world.put('Deployment', deployment('a'));
    world.put('StatefulSet', deployment('a'));
    world.put('Deployment', deployment('b', { account: 'web' }));
    expect(names(world)).toEqual(['Deployment a', 'StatefulSet a']);

    world.put('Deployment', deployment('a', { account: 'web' }));
    expect(names(world)).toEqual(['StatefulSet a']);
    expect(names(world, { namespace: 'shop', name: 'web' })).toEqual(['Deployment b', 'Deployment a']);
    expect(names(world, { namespace: 'other', name: 'web' })).toEqual([]);
  });

  it('forgets a workload that no longer runs, and knows it again when it does', () => {
    const world = createWorld(RESOURCES);
    world.put('Deployment', deployment('a'));
    world.put('Deployment', deployment('a', { replicas: 0 }));
    expect(names(world)).toEqual([]);

    world.put('Deployment', deployment('a', { replicas: 2 }));
    expect(names(world)).toEqual(['Deployment a']);

    world.drop('Deployment', { namespace: 'shop', name: 'a' });
    expect(names(world)).toEqual([]);
  });

  it('forgets after a list what was not listed, of that kind only', () => {
    const world = createWorld(RESOURCES);
    const listed = world.put('Deployment', deployment('a'));
    world.put('Deployment', deployment('b'));
    world.put('StatefulSet', deployment('b'));
    world.put('Role', ROLE);

    world.retain('Deployment', new Set([listed ?? '']));

    expect(names(world)).toEqual(['Deployment a', 'StatefulSet b']);
    world.retain('Role', new Set());
    world.put('RoleBinding', BINDING);
    expect(world.held(API).dangling).toHaveLength(1);
  });

  it('keeps the last valid version of a policy that becomes invalid', () => {
    const world = createWorld(RESOURCES);
    const problems: SpotProblem[] = [];
    world.put('ScopePolicy', policy({ priority: 7 }));

    const report = (problem: SpotProblem) => void problems.push(problem);
    world.put('ScopePolicy', policy({ priority: 'high' }), { report });

    expect(world.policies()).toMatchObject([{ name: 'production', priority: 7 }]);
    expect(problems).toMatchObject([{ path: ['spec', 'priority'] }]);
    world.drop('ScopePolicy', { namespace: undefined, name: 'production' });
    expect(world.policies()).toEqual([]);
  });

  it('takes the namespace of the reader for an object that names none', () => {
    const world = createWorld(RESOURCES);

    expect(world.put('ServiceAccount', { metadata: { name: 'api' } }, { namespace: 'shop' })).toBe(
      'shop/api',
    );
    expect(world.put('ServiceAccount', { metadata: { name: 'api' } })).toBeUndefined();
    expect(world.account(API)).toBeDefined();
  });

  const HOSTILE: readonly unknown[] = [
    undefined,
    null,
    7,
    'x',
    [],
    {},
    { metadata: [] },
    { metadata: { name: 7, namespace: {} } },
    { metadata: { name: '', namespace: 'shop' } },
    { metadata: { name: 'a/b', namespace: 'shop' } },
    JSON.parse('{"metadata":{"__proto__":{"name":"a","namespace":"shop"}}}'),
  ];

  it.each(KINDS)('leaves out a %s without a usable name', (kind) => {
    const world = createWorld(RESOURCES);

    for (const object of HOSTILE) expect(world.put(kind, object)).toBeUndefined();
  });

  it('leaves out an object in a namespace whose name could be a part of another key', () => {
    const world = createWorld(RESOURCES);

    expect(world.put('ServiceAccount', { metadata: { name: 'a', namespace: 'x/y' } })).toBeUndefined();
    expect(world.put('ClusterRole', { metadata: { name: 'a', namespace: 'x/y' } })).toBe('/a');
  });

  const ODD: readonly object[] = [
    { spec: 7, rules: {}, subjects: 'x', roleRef: [], secrets: 7, status: [] },
    {
      spec: { template: 7, replicas: '1', suspend: 'no' },
      rules: [7, null, { verbs: 7 }, { verbs: [7, 'get'] }],
    },
    {
      spec: { template: { spec: { serviceAccountName: {} }, metadata: { annotations: [] } } },
      secrets: [null, 7],
    },
    {
      roleRef: { kind: 7, name: 'x' },
      subjects: [null, {}, { kind: 'User', name: 7 }],
      aggregationRule: 'x',
    },
    { metadata: { name: 'a', namespace: 'shop', labels: 7, annotations: 'x', ownerReferences: {}, uid: 7 } },
    {
      metadata: {
        name: 'a',
        namespace: 'shop',
        labels: { a: 1 },
        annotations: { 'countersign.dev/needs': [] },
      },
    },
  ];

  it.each(KINDS)('survives a %s of any shape', (kind) => {
    const world = createWorld(RESOURCES);

    for (const object of ODD) {
      const key = world.put(kind, { metadata: { name: 'a', namespace: 'shop' }, ...object });
      expect(key).toBe(WATCHED_KINDS[kind].namespaced ? 'shop/a' : '/a');
    }

    expect(world.namespace('a')?.labels ?? {}).toEqual({});
    expect(world.account({ namespace: 'shop', name: 'a' })?.needs).toBeUndefined();
  });

  it('is not moved by keys that mean something to JavaScript', () => {
    const world = createWorld(RESOURCES);
    world.put(
      'Namespace',
      JSON.parse('{"metadata":{"name":"constructor","labels":{"__proto__":"x","a":"b"}}}'),
    );
    const annotations = JSON.parse('{"__proto__":"x","countersign.dev/__proto__":"y"}') as object;
    world.put('Deployment', deployment('a', { annotations }));

    expect(Object.entries(world.namespace('constructor')?.labels ?? {})).toEqual([
      ['__proto__', 'x'],
      ['a', 'b'],
    ]);
    expect(world.namespace('toString')).toBeUndefined();
    expect(Object.entries(world.runningAs(API)[0]?.annotations ?? {})).toEqual([
      ['countersign.dev/__proto__', 'y'],
    ]);
  });

  it('keeps rules apart that only look alike when they are joined', () => {
    const world = createWorld(RESOURCES);
    world.put('Role', {
      ...ROLE,
      rules: [rule(['get,list']), rule(['get', 'list']), rule(['get\nlist']), rule(['get","list'])],
    });
    world.put('RoleBinding', BINDING);

    expect(world.held(API).rules.map(({ rule: { verbs } }) => verbs)).toEqual([
      ['get,list'],
      ['get', 'list'],
      ['get\nlist'],
      ['get","list'],
    ]);
  });
});
