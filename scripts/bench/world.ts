import type { JsonObject } from '../../src/core/json.ts';
import type { WatchedKind } from '../../src/facts/kinds.ts';
import { metadataOf } from './metadata.ts';
import { randomOf } from './random.ts';
import { FOR_ALL, type Rule, rulesOf } from './rules.ts';

/**
 * The RBAC of a large cluster, made up but of a usual kind: teams of fifty accounts, each account in one to three bindings,
 * a few bindings for everybody. Every object follows from its number alone, so any of them can be made again, or changed.
 */
export interface WorldSize {
  readonly accounts: number;
  readonly bindings: number;
  readonly roles: number;
  readonly workloads: number;
}

/** Grows in all directions: 10,000 accounts have 20,000 bindings, 5,000 roles and 20,000 workloads. */
export function sizeOf(accounts: number): WorldSize {
  return { accounts, bindings: 2 * accounts, roles: accounts / 2, workloads: 2 * accounts };
}

export interface Made {
  readonly kind: WatchedKind;
  readonly object: JsonObject;
}

const ACCOUNTS_PER_NAMESPACE = 50;
/** Of `system:serviceaccounts`: as many in a large cluster as in a small one. */
const FOR_EVERYBODY = 4;

export function namespacesIn({ accounts }: WorldSize): number {
  return Math.ceil(accounts / ACCOUNTS_PER_NAMESPACE);
}

export function namespaceOf(size: WorldSize, account: number): string {
  return `team-${account % namespacesIn(size)}`;
}

export function accountName(account: number): string {
  return `app-${account}`;
}

export function makeNamespace(_size: WorldSize, at: number): Made {
  const metadata = metadataOf('Namespace', at, { name: `team-${at}` });
  const labels = { ...metadata.labels, env: at % 3 === 0 ? 'production' : 'staging' };
  return { kind: 'Namespace', object: { metadata: { ...metadata, labels }, status: { phase: 'Active' } } };
}

export function makeAccount(size: WorldSize, at: number): Made {
  const place = { name: accountName(at), namespace: namespaceOf(size, at) };
  return { kind: 'ServiceAccount', object: { metadata: metadataOf('ServiceAccount', at, place) } };
}

/** Roles by number: each namespace has one in every row, and every fifth row are ClusterRoles. */
const CLUSTER_ROLE_ROWS = 5;

function roleIdentity(
  size: WorldSize,
  role: number,
): { kind: 'Role' | 'ClusterRole'; name: string; namespace?: string } {
  const name = `role-${role}`;
  return Math.floor(role / namespacesIn(size)) % CLUSTER_ROLE_ROWS === 0
    ? { kind: 'ClusterRole', name }
    : { kind: 'Role', name, namespace: namespaceOf(size, role) };
}

/** @param revision another number, other rules. */
export function makeRole(size: WorldSize, at: number, revision = 0): Made {
  const { kind, ...place } = roleIdentity(size, at);
  return { kind, object: { metadata: metadataOf(kind, at, place), rules: rulesOf(at, revision) } };
}

/** Whom a binding names, and which role. */
interface Bound {
  readonly kind: 'RoleBinding' | 'ClusterRoleBinding';
  readonly account: number;
  readonly role: number;
}

/** Of three accounts one has one binding, one has two and one has three. */
const SHARES = [0, 1, 1, 2, 2, 2] as const;

function boundBy(size: WorldSize, binding: number, revision = 0): Bound {
  const account = Math.min(3 * Math.floor(binding / 6) + (SHARES[binding % 6] ?? 0), size.accounts - 1);
  if (isForEverybody(size, binding)) return { kind: 'ClusterRoleBinding', account, role: FOR_ALL };
  const random = randomOf('binding', binding, revision);
  const everywhere = binding % 25 === 0;
  const row = Math.floor((random() * size.roles) / namespacesIn(size));
  const role =
    (everywhere ? row - (row % CLUSTER_ROLE_ROWS) : row) * namespacesIn(size) +
    (account % namespacesIn(size));
  return { kind: everywhere ? 'ClusterRoleBinding' : 'RoleBinding', account, role };
}

function isForEverybody({ bindings }: WorldSize, binding: number): boolean {
  return binding >= bindings - FOR_EVERYBODY;
}

/** The numbers of an account's own bindings. */
export function bindingsOf(size: WorldSize, account: number): readonly number[] {
  const first = 6 * Math.floor(account / 3);
  return SHARES.map((_, at) => first + at).filter(
    (binding) =>
      binding < size.bindings && !isForEverybody(size, binding) && boundBy(size, binding).account === account,
  );
}

/** @param revision another number, another role. */
export function makeBinding(size: WorldSize, at: number, revision = 0): Made {
  const { kind, account, role } = boundBy(size, at, revision);
  const namespace = namespaceOf(size, account);
  const place = kind === 'RoleBinding' ? { name: `binding-${at}`, namespace } : { name: `binding-${at}` };
  const { kind: roleKind, name } = roleIdentity(size, role);
  return {
    kind,
    object: {
      metadata: metadataOf(kind, at, place),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: roleKind, name },
      subjects: isForEverybody(size, at) ? [group('')] : subjectsOf(at, account, namespace),
    },
  };
}

function subjectsOf(binding: number, account: number, namespace: string): readonly JsonObject[] {
  const one = { kind: 'ServiceAccount', name: accountName(account), namespace };
  if (binding % 100 === 7) return [one, group(`:${namespace}`)];
  if (binding % 20 === 3) return [one, { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }];
  return [one];
}

function group(suffix: string): JsonObject {
  return { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: `system:serviceaccounts${suffix}` };
}

/** What an account holds by its own bindings, and where. */
export function heldBy(
  size: WorldSize,
  account: number,
): readonly (Rule & { readonly everywhere: boolean })[] {
  return bindingsOf(size, account).flatMap((binding) => {
    const { kind, role } = boundBy(size, binding);
    return rulesOf(role).map((rule) => ({ ...rule, everywhere: kind === 'ClusterRoleBinding' }));
  });
}
