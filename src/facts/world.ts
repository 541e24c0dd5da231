import type { AccountFacts, Facts, Freshness, NamespaceFacts } from '../admit/ports.ts';
import type { NodeFacts } from '../core/inject/nodes.ts';
import { createRbacIndex, type RbacIndex } from '../core/rbac/held.ts';
import type { Binding, Role } from '../core/rbac/rules.ts';
import type { Resources } from '../core/scope/resources.ts';
import type { Account } from '../core/scope/scope.ts';
import { createGrantStore, type GrantStore } from './grants.ts';
import { type Identity, identify, identityOf, keyOf } from './identity.ts';
import type { WatchedKind, WorkloadKind } from './kinds.ts';
import { createPolicyStore, type PolicyState, type PolicyStore } from './policies.ts';
import { createPool, type Pool } from './pool.ts';
import { readAccount, readNamespace, readNode } from './read-core.ts';
import { readBinding, readRole } from './read-rbac.ts';
import { readRunning } from './read-workload.ts';
import { ignore, type Report, type Spot, spotOf } from './spot.ts';
import { supposing } from './supposing.ts';
import { createWorkloadIndex, type WorkloadIndex } from './workloads.ts';

/**
 * The facts in memory. Of each object only the fields that decide are kept; a change touches only what it is about, so a
 * large cluster costs memory and not time.
 */
export interface World extends Facts {
  /**
   * Adds or replaces an object, given as JSON of any shape. Returns its key; `undefined` for one that has no name or
   * place. What can't be read counts as absent and is reported.
   */
  put(kind: WatchedKind, object: unknown, reading?: Reading): string | undefined;
  drop(kind: WatchedKind, identity: Identity): void;
  /** After a full list: an object whose key is not among these is gone. */
  retain(kind: WatchedKind, keys: ReadonlySet<string>): void;
  /** Every ServiceAccount that there is. */
  accounts(): Iterable<Account>;
  /** The roles and bindings themselves. */
  readonly rbac: Pick<RbacIndex, 'role' | 'binding' | 'bindingsTo'>;
  /** Of each ScopePolicy, also of one that is not valid: what counts of it, and what is wrong with it. */
  policyStates(): readonly PolicyState[];
}

export interface Reading {
  readonly report?: Report;
  /** Of objects that name none. */
  readonly namespace?: string;
}

/** How the objects of one kind are kept. */
interface Store {
  /** `false`: nothing of the object counts, and what was there before it neither. */
  put(key: string, identity: Identity, spot: Spot): boolean;
  drop(key: string, identity: Identity): void;
}

interface Parts {
  readonly pool: Pool;
  readonly rbac: RbacIndex;
  readonly workloads: WorkloadIndex;
  readonly namespaces: Map<string, NamespaceFacts>;
  readonly accounts: Map<string, AccountFacts>;
  readonly nodes: Map<string, NodeFacts>;
  readonly policies: PolicyStore;
  readonly grants: GrantStore;
}

const FRESH: Freshness = { synced: true, ageSeconds: 0 };

/** @param freshness of what feeds it; a world that is only filled once is as fresh as it will be. */
export function createWorld(resources: Resources, freshness: () => Freshness = () => FRESH): World {
  const parts: Parts = {
    pool: createPool(),
    rbac: createRbacIndex(),
    workloads: createWorkloadIndex(),
    namespaces: new Map(),
    accounts: new Map(),
    nodes: new Map(),
    policies: createPolicyStore(),
    grants: createGrantStore(),
  };
  const stores = storesOf(parts);
  const kept = new Map<WatchedKind, Set<string>>();

  function drop(kind: WatchedKind, key: string): void {
    if (kept.get(kind)?.delete(key)) stores[kind].drop(key, identityOf(key));
  }

  return {
    put(kind, object, { report = ignore, namespace } = {}) {
      const spot = spotOf(object, report);
      const identity = identify(kind, spot, namespace);
      if (identity === undefined) return undefined;
      const key = keyOf(identity);
      const keys = kept.get(kind) ?? new Set();
      kept.set(kind, keys);
      if (stores[kind].put(key, identity, spot)) keys.add(key);
      else drop(kind, key);
      return key;
    },
    drop: (kind, identity) => drop(kind, keyOf(identity)),
    retain(kind, keys) {
      for (const key of kept.get(kind) ?? []) if (!keys.has(key)) drop(kind, key);
    },
    rbac: parts.rbac,
    held: (account, overlay) => parts.rbac.held(account, overlay),
    account: (account) => parts.accounts.get(keyOf(account)),
    namespace: (name) => parts.namespaces.get(keyOf({ namespace: undefined, name })),
    *accounts() {
      for (const key of parts.accounts.keys()) {
        const { namespace = '', name } = identityOf(key);
        yield { namespace, name };
      }
    },
    nodes: () => parts.nodes.values(),
    runningAs: (account) => parts.workloads.runningAs(account),
    workload: (uid) => parts.workloads.byUid(uid),
    workloads: () => parts.workloads.all(),
    supposing: (write) => supposing(write, parts),
    policies: () => parts.policies.all(),
    policyStates: () => parts.policies.states(),
    grants: (account) => parts.grants.of(account),
    vault: () => undefined,
    prepareVault: () => Promise.resolve(),
    resources,
    freshness,
  };
}

function storesOf(parts: Parts): Readonly<Record<WatchedKind, Store>> {
  const { pool, namespaces, accounts, nodes, policies, grants } = parts;
  const workload = (kind: WorkloadKind) => workloadStore(kind, parts);
  return {
    Namespace: mapStore(namespaces, (spot) => readNamespace(spot, pool)),
    ServiceAccount: mapStore(accounts, readAccount),
    Role: roleStore('Role', parts),
    ClusterRole: roleStore('ClusterRole', parts),
    RoleBinding: bindingStore('RoleBinding', parts),
    ClusterRoleBinding: bindingStore('ClusterRoleBinding', parts),
    Deployment: workload('Deployment'),
    StatefulSet: workload('StatefulSet'),
    DaemonSet: workload('DaemonSet'),
    ReplicaSet: workload('ReplicaSet'),
    ReplicationController: workload('ReplicationController'),
    Job: workload('Job'),
    CronJob: workload('CronJob'),
    Node: mapStore(nodes, (spot) => readNode(spot, pool)),
    ScopePolicy: {
      put(_key, { name }, spot) {
        policies.put(name, spot.object, spot.report);
        return true;
      },
      drop: (_key, { name }) => policies.drop(name),
    },
    AccessGrant: grants.asked,
    AccessDecision: grants.decided,
  };
}

function mapStore<T>(map: Map<string, T>, readFacts: (spot: Spot) => T): Store {
  return {
    put(key, _identity, spot) {
      map.set(key, readFacts(spot));
      return true;
    },
    drop: (key) => map.delete(key),
  };
}

function roleStore(kind: Role['kind'], { rbac, pool }: Parts): Store {
  return {
    put(_key, identity, spot) {
      rbac.putRole(readRole(kind, spot, identity, pool));
      return true;
    },
    drop: (_key, { namespace, name }) => rbac.dropRole(kind, namespace, name),
  };
}

function bindingStore(kind: Binding['kind'], { rbac, pool }: Parts): Store {
  return {
    put(_key, identity, spot) {
      const binding = readBinding(kind, spot, identity, pool);
      if (binding !== undefined) rbac.putBinding(binding);
      return binding !== undefined;
    },
    drop: (_key, { namespace, name }) => rbac.dropBinding(kind, namespace, name),
  };
}

function workloadStore(kind: WorkloadKind, { workloads, pool }: Parts): Store {
  return {
    put(key, identity, spot) {
      const running = readRunning(kind, spot, identity, pool);
      if (running !== undefined) workloads.put(kind, key, running);
      return running !== undefined;
    },
    drop: (key) => workloads.drop(kind, key),
  };
}
