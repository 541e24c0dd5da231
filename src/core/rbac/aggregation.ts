import { selects } from '../labels.ts';
import { compareText } from '../scope/canonical.ts';
import { objectKey } from './held.ts';
import type { PolicyRule, Role } from './rules.ts';

/** Roles by `objectKey`; `undefined`: there is none. */
export type RoleOverlay = ReadonlyMap<string, Role | undefined>;

/** Runs of the controller that are followed. The stock roles take three: view, edit, admin. */
const MAX_RUNS = 64;

/**
 * What the aggregation controller makes of changed roles: the rules of every ClusterRole that gathers one of them, and of
 * those that gather these in turn. It works on stored rules as pkg/controller/clusterroleaggregation does, so roles that
 * gather each other keep what they have.
 * @param known the ClusterRoles.
 * @param written what is otherwise than known.
 * @param touched the changed roles as they were and as they are: either may be what a selector looks for.
 */
export function aggregate(
  known: Iterable<Role>,
  written: RoleOverlay,
  touched: readonly (Role | undefined)[],
): RoleOverlay {
  const roles = rolesOf(known, written);
  const gatherers = roles.filter(({ gathers }) => gathers !== undefined);
  const result = new Map(written);
  const now = (role: Role) => result.get(objectKey(role)) ?? role;
  const changed = touched.filter((role) => role !== undefined);
  // The written one first: what somebody wrote into it is gone before others gather it.
  const queue = new Set([
    ...gatherers.filter((one) => changed.some((other) => isSame(one, other))),
    ...gatherers.filter((one) => changed.some((other) => gathersFrom(one, other))),
  ]);
  let runs = 0;
  for (const role of queue) {
    runs += 1;
    if (runs > MAX_RUNS) break;
    queue.delete(role);
    const rules = gatheredRules(role, roles.map(now));
    if (sameRules(rules, now(role).rules)) continue;
    // One that is left without rules is known to give nothing, unlike one that the controller has not come to yet.
    result.set(objectKey(role), { ...role, rules, gathers: rules.length === 0 ? undefined : role.gathers });
    // A set is walked in the order of its entries, those added meanwhile as well.
    for (const next of gatherers) if (gathersFrom(next, role)) queue.add(next);
  }
  return result;
}

/** In the order of their names, as the controller takes them. */
function rolesOf(known: Iterable<Role>, written: RoleOverlay): readonly Role[] {
  const roles = [...known].filter((role) => !written.has(objectKey(role)));
  for (const role of written.values()) if (role?.kind === 'ClusterRole') roles.push(role);
  return roles.toSorted((a, b) => compareText(a.name, b.name));
}

function isSame(a: Role, b: Role): boolean {
  return a.kind === b.kind && a.name === b.name;
}

/** Never from itself. */
function gathersFrom(role: Role, other: Role): boolean {
  if (other.kind !== 'ClusterRole' || isSame(role, other)) return false;
  return role.gathers?.some((selector) => selects(selector, other.labels)) ?? false;
}

/** Every rule once, in the order of the selectors. */
function gatheredRules(role: Role, roles: readonly Role[]): readonly PolicyRule[] {
  const others = roles.filter((other) => !isSame(role, other));
  const gathered = (role.gathers ?? []).flatMap((selector) =>
    others.filter(({ labels }) => selects(selector, labels)).flatMap(({ rules }) => rules),
  );
  return [...new Map(gathered.map((rule) => [ruleKey(rule), rule])).values()];
}

function ruleKey({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  return JSON.stringify([verbs, apiGroups, resources, resourceNames, nonResourceURLs]);
}

/** The order of rules decides nothing. */
export function sameRules(a: readonly PolicyRule[], b: readonly PolicyRule[]): boolean {
  const [left, right] = [a, b].map((rules) => new Set(rules.map(ruleKey)));
  return left?.size === right?.size && [...(left ?? [])].every((key) => right?.has(key));
}
