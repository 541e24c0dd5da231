import { effectiveScopes } from '../rbac/effective.ts';
import { type HeldRule, objectKey, userName, type Via } from '../rbac/held.ts';
import { rulesFor, withoutOverlap } from '../rbac/least-rules.ts';
import { isStock, touched, writerOf } from '../rbac/ownership.ts';
import type { Binding, Role, Subject } from '../rbac/rules.ts';
import { covered, uncovered } from '../scope/covers.ts';
import { uncoveredBy } from '../scope/owners.ts';
import type { Account, KubernetesScope } from '../scope/scope.ts';
import { viaText } from './findings.ts';
import type { Advice, Deletion, FixInput, NarrowedRole } from './fix.ts';
import { permittedBy } from './permitted.ts';
import { BASELINE_RULES, kubernetesOnly } from './verdict.ts';

/** What is done about one binding that gives more than is needed. */
export interface Narrowing {
  readonly narrowed?: NarrowedRole;
  readonly deletion?: Deletion;
  readonly advice?: Advice;
  /** Needed, and no longer held by way of it. */
  readonly moved: readonly KubernetesScope[];
}

/** @param surplus what is held by way of it and not needed. */
export function narrow(via: Via, surplus: readonly KubernetesScope[], fix: FixInput): Narrowing {
  const { account, input, objects } = fix;
  const binding = objects.binding(objectKey(via.binding));
  const role = objects.role(objectKey(via.role));
  if (binding === undefined || role === undefined) return ask(via, 'it is not known whom else it serves');
  if (!binding.subjects.every((subject) => isAccount(subject, binding, account))) {
    return ask(via, `the binding is shared, and a change touches ${touched([binding])}`);
  }
  const writer = writerOf(objects.labels(binding)) ?? writerOf(objects.labels(role));
  if (writer !== undefined) return ask(via, `it would be written back by ${writer}: change it there`);

  const rules = input.held.rules.filter((rule) => objectKey(rule.via.binding) === objectKey(binding));
  const used = usedOf(rules, surplus, fix);
  const unused = uncoveredBy(used);
  if (surplus.every((scope) => unused(scope).length === 0)) {
    return ask(via, 'another workload of the account needs it: give each its own service account');
  }
  if (used.length === 0) return { deletion: { binding, why: 'nothing that it gives is needed' }, moved: [] };
  const obstacle = obstacleTo(role, fix);
  const stays = used.filter((scope) => isIn(scope, binding));
  if (obstacle !== undefined || stays.length === 0) {
    const why = `${obstacle ?? 'nothing that it gives is needed everywhere'}; what is needed of it is in the objects above`;
    return { deletion: { binding, why }, moved: used };
  }
  const narrowed = { kind: role.kind, namespace: role.namespace, name: role.name, rules: rulesFor(stays) };
  return {
    narrowed: { ...narrowed, labels: objects.labels(role), via, namespaceOfRules: binding.namespace },
    moved: used.filter((scope) => !stays.includes(scope)),
  };
}

function ask(via: Via, why: string): Narrowing {
  return { advice: { kind: 'ask', text: `${viaText(via)} gives more than is needed: ${why}` }, moved: [] };
}

function isAccount({ kind, name, namespace }: Subject, binding: Binding, account: Account): boolean {
  if (kind === 'User') return name === userName(account);
  return (
    kind === 'ServiceAccount' &&
    name === account.name &&
    (namespace || binding.namespace) === account.namespace
  );
}

/** Why the role is not for the owner of the account to change. */
function obstacleTo(role: Role, { objects }: FixInput): string | undefined {
  const what = `${role.kind} ${role.name}`;
  if (isStock(role)) return `${what} comes with the cluster`;
  if (role.gathers !== undefined) return `the rules of ${what} are gathered from other roles`;
  const bindings = [...objects.bindingsTo(objectKey(role))];
  if (bindings.length <= 1) return undefined;
  return `${what} is bound ${bindings.length} times, for ${touched(bindings)}`;
}

/** Does the binding still give this once the role is narrowed to it, and no more? */
function isIn(scope: KubernetesScope, { namespace }: Binding): boolean {
  if (scope.kind === 'url' || scope.place === 'everywhere') return namespace === undefined;
  return scope.place !== 'own' && scope.place.namespace === namespace;
}

/** Of what the rules give, what is needed by any workload of the account or may be held all the same. */
function usedOf(
  rules: readonly HeldRule[],
  surplus: readonly KubernetesScope[],
  { input }: FixInput,
): readonly KubernetesScope[] {
  const left = uncoveredBy(surplus);
  const allowed = rules
    .flatMap((rule) => [...effectiveScopes(rule, input.resources)])
    .flatMap(left)
    .flatMap((scope) => uncovered(BASELINE_RULES, scope));
  // A wildcard that is too much as a whole still gives what is needed of it.
  const needed = kubernetesOnly(input.sharedNeeds).flatMap((need) => covered(rules, need));
  return withoutOverlap([...allowed, ...needed].flatMap((scope) => permittedBy(input, scope)));
}
