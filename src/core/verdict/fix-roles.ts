import { createHash } from 'node:crypto';
import { objectKey } from '../rbac/held.ts';
import { rulesFor } from '../rbac/least-rules.ts';
import type { Binding, Role } from '../rbac/rules.ts';
import { compareText } from '../scope/canonical.ts';
import { printScope } from '../scope/print.ts';
import type { Account, KubernetesScope } from '../scope/scope.ts';
import type { FixInput, RbacObjects } from './fix.ts';

/** A new role that gives an account what it lacks in one place, and the binding to it. */
export interface LeastRole {
  readonly role: Pick<Role, 'kind' | 'namespace' | 'name' | 'rules'>;
  readonly binding: Binding;
  /** What it gives. */
  readonly scopes: readonly KubernetesScope[];
  /** What may not work as it is meant. */
  readonly remarks: readonly string[];
}

/** One role for each namespace, and one for the cluster: a Role cannot reach beyond its own. */
export function leastRoles(
  { account, objects }: Pick<FixInput, 'account' | 'objects'>,
  scopes: readonly KubernetesScope[],
): readonly LeastRole[] {
  const byPlace = new Map<string, KubernetesScope[]>();
  for (const scope of scopes) {
    const place = namespaceOf(scope) ?? '';
    const there = byPlace.get(place) ?? [];
    there.push(scope);
    byPlace.set(place, there);
  }
  return [...byPlace]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([place, there]) => leastRole(account, place || undefined, there, objects));
}

function namespaceOf(scope: KubernetesScope): string | undefined {
  return scope.kind === 'resource' && typeof scope.place === 'object' ? scope.place.namespace : undefined;
}

function leastRole(
  account: Account,
  namespace: string | undefined,
  scopes: readonly KubernetesScope[],
  objects: RbacObjects,
): LeastRole {
  const [roleKind, bindingKind] =
    namespace === undefined
      ? (['ClusterRole', 'ClusterRoleBinding'] as const)
      : (['Role', 'RoleBinding'] as const);
  const name = freeName(nameFor(account, namespace), (candidate) => {
    const place = { namespace, name: candidate };
    const taken = objects.role(objectKey({ kind: roleKind, ...place }));
    return (taken ?? objects.binding(objectKey({ kind: bindingKind, ...place }))) !== undefined;
  });
  return {
    role: { kind: roleKind, namespace, name, rules: rulesFor(scopes) },
    binding: {
      kind: bindingKind,
      namespace,
      name,
      roleRef: { kind: roleKind, name },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
    scopes,
    remarks: scopes.flatMap(remarksOn),
  };
}

const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const MAX_LENGTH = 253;
/** For `-999`. */
const ROOM = 4;

/**
 * `countersign-api` in the account's own namespace, else `countersign-shop.api`: no namespace has a dot, so no two accounts
 * get the same name, and applying for one never overwrites what another was given.
 */
function nameFor(account: Account, namespace: string | undefined): string {
  const isShort = namespace === account.namespace && !account.name.includes('.');
  const name = `countersign-${isShort ? '' : `${account.namespace}.`}${account.name}`;
  if (name.length <= MAX_LENGTH - ROOM && SUBDOMAIN.test(name)) return name;
  const digest = createHash('sha256')
    .update(JSON.stringify([account.namespace, account.name]))
    .digest('hex');
  return `countersign-${digest.slice(0, 32)}`;
}

/** What is there already is never overwritten. */
function freeName(name: string, isTaken: (name: string) => boolean): string {
  let candidate = name;
  for (let number = 2; isTaken(candidate); number += 1) candidate = `${name}-${number}`;
  return candidate;
}

/** Which requests have a name is decided in apiserver/pkg/endpoints/request/requestinfo.go. */
function remarksOn(scope: KubernetesScope): readonly string[] {
  if (scope.kind !== 'resource' || scope.names.length === 0 || scope.resource.includes('/')) return [];
  const nameless = ['create', 'deletecollection'].filter((verb) => scope.verbs.includes(verb));
  if (nameless.length === 0) return [];
  const what = printScope({ ...scope, verbs: nameless, names: [] });
  return [
    `RBAC cannot confine ${nameless.join(' and ')} to names, since such requests carry none: if it is refused, declare \`${what}\``,
  ];
}
