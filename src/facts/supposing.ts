import type { AccountFacts, Supposed, SupposedFacts, Write } from '../admit/ports.ts';
import { isObject } from '../core/json.ts';
import { aggregate, type RoleOverlay, sameRules } from '../core/rbac/aggregation.ts';
import { objectKey, type RbacIndex } from '../core/rbac/held.ts';
import { type Reach, reachOf } from '../core/rbac/reach.ts';
import type { Binding, Role, Subject } from '../core/rbac/rules.ts';
import type { Account } from '../core/scope/scope.ts';
import { type Identity, identify, keyOf } from './identity.ts';
import { createPool } from './pool.ts';
import { readAccount } from './read-core.ts';
import { readBinding, readRole } from './read-rbac.ts';
import { ignore, type Spot, spotOf } from './spot.ts';
import type { WorkloadIndex } from './workloads.ts';

interface Known {
  readonly rbac: RbacIndex;
  readonly workloads: WorkloadIndex;
  readonly accounts: ReadonlyMap<string, AccountFacts>;
}

type GrantingKind = Role['kind'] | Binding['kind'] | 'ServiceAccount';
type Supposing = (kind: GrantingKind, identity: Identity, write: Write, known: Known) => Supposed;

/** Objects that give rights, or say which are needed. */
const SUPPOSING: Readonly<Record<GrantingKind, Supposing>> = {
  Role: supposingRole,
  ClusterRole: supposingRole,
  RoleBinding: supposingBinding,
  ClusterRoleBinding: supposingBinding,
  ServiceAccount: supposingAccount,
};

/** The facts without a write and with it. They are read as those of the world are, so a write means what it will mean once stored. */
export function supposing(write: Write, known: Known): Supposed | undefined {
  const { kind, name, namespace } = write;
  if (!isGranting(kind)) return undefined;
  const identity = identify(kind, spotOf({ metadata: { name, namespace } }, ignore));
  return identity && SUPPOSING[kind](kind, identity, write, known);
}

function isGranting(kind: string): kind is GrantingKind {
  return Object.hasOwn(SUPPOSING, kind);
}

/** What is told of a request is not kept, so it shares nothing with what is. */
function reading<T>(object: unknown, read: (spot: Spot) => T): T | undefined {
  return isObject(object) ? read(spotOf(object, ignore)) : undefined;
}

function supposingRole(kind: GrantingKind, identity: Identity, write: Write, known: Known): Supposed {
  const { rbac, accounts } = known;
  const read = (object: unknown) =>
    reading(object, (spot) => readRole(kind === 'Role' ? kind : 'ClusterRole', spot, identity, createPool()));
  const key = objectKey({ kind, ...identity });
  const [old, now] = [read(write.oldObject) ?? rbac.role(key), read(write.object)];
  const roles = (role: Role | undefined): RoleOverlay =>
    kind === 'Role'
      ? new Map([[key, role]])
      : aggregate(rbac.clusterRoles(), new Map([[key, role]]), [old, now]);
  const [before, after] = [roles(old), roles(now)];
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((role) => {
    const [was, is] = [before, after].map((all) => (all.has(role) ? all.get(role) : rbac.role(role)));
    return !alike(was, is);
  });
  const bindings = function* () {
    for (const role of changed) yield* rbac.bindingsTo(role);
  };
  const view = (all: RoleOverlay): SupposedFacts => ({
    rbac: { roles: all, bindings: new Map() },
    account: (account) => accounts.get(keyOf(account)),
  });
  return { before: view(before), after: view(after), accounts: reached(bindings, known.workloads) };
}

/** What it gives is the same: an aggregated role without rules is not known to give nothing. */
function alike(was: Role | undefined, is: Role | undefined): boolean {
  if (was === undefined || is === undefined) return was === is;
  return (was.gathers === undefined) === (is.gathers === undefined) && sameRules(was.rules, is.rules);
}

function supposingBinding(kind: GrantingKind, identity: Identity, write: Write, known: Known): Supposed {
  const { rbac, accounts } = known;
  const bindingKind = kind === 'RoleBinding' ? kind : 'ClusterRoleBinding';
  const read = (object: unknown) =>
    reading(object, (spot) => readBinding(bindingKind, spot, identity, createPool()));
  const key = objectKey({ kind, ...identity });
  const [old, now] = [read(write.oldObject) ?? rbac.binding(key), read(write.object)];
  const view = (binding: Binding | undefined): SupposedFacts => ({
    rbac: { roles: new Map(), bindings: new Map([[key, binding]]) },
    account: (account) => accounts.get(keyOf(account)),
  });
  return {
    before: view(old),
    after: view(now),
    accounts: reached(() => differing(old, now), known.workloads),
  };
}

/** The parts of the binding that are not in both: whoever is in both holds what they held. */
function differing(old: Binding | undefined, now: Binding | undefined): readonly Binding[] {
  return [...less(old, now), ...less(now, old)];
}

function less(one: Binding | undefined, other: Binding | undefined): readonly Binding[] {
  if (one === undefined) return [];
  const known = other === undefined || !sameRole(one, other) ? [] : other.subjects;
  const keys = new Set(known.map(subjectKey));
  return [{ ...one, subjects: one.subjects.filter((subject) => !keys.has(subjectKey(subject))) }];
}

function sameRole({ roleRef: a }: Binding, { roleRef: b }: Binding): boolean {
  return a.kind === b.kind && a.name === b.name;
}

function subjectKey({ kind, namespace, name }: Subject): string {
  return JSON.stringify([kind, namespace, name]);
}

function supposingAccount(_: GrantingKind, identity: Identity, write: Write, known: Known): Supposed {
  const key = keyOf(identity);
  const [old, now] = [
    reading(write.oldObject, readAccount) ?? known.accounts.get(key),
    reading(write.object, readAccount),
  ];
  const view = (facts: AccountFacts | undefined): SupposedFacts => ({
    rbac: { roles: new Map(), bindings: new Map() },
    account: (account) => (keyOf(account) === key ? facts : known.accounts.get(keyOf(account))),
  });
  const own: Account = { namespace: identity.namespace ?? '', name: identity.name };
  const same = old?.needs === now?.needs;
  return { before: view(old), after: view(now), accounts: same || !known.workloads.runs(own) ? [] : [own] };
}

/**
 * Those that a binding names, then those that are only in a group of it. Everybody's role reaches thousands, so they are
 * found as they are asked for.
 */
function reached(bindings: () => Iterable<Binding>, workloads: WorkloadIndex): Iterable<Account> {
  return {
    *[Symbol.iterator]() {
      const seen = new Set<string>();
      const isNew = (account: Account) => seen.size < seen.add(keyOf(account)).size;
      const namespaces = new Set<string | undefined>();
      for (const reach of allReached(bindings())) {
        if (reach.kind !== 'account') namespaces.add(reach.kind === 'all' ? undefined : reach.namespace);
        else if (workloads.runs(reach.account) && isNew(reach.account)) yield reach.account;
      }
      const groups = namespaces.has(undefined) ? [undefined] : namespaces;
      for (const namespace of groups) {
        for (const account of workloads.accounts(namespace)) if (isNew(account)) yield account;
      }
    },
  };
}

function* allReached(bindings: Iterable<Binding>): Generator<Reach> {
  for (const binding of bindings) yield* reachOf(binding);
}
