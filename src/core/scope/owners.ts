import { type PlacedRule, ruleOf, uncovered } from './covers.ts';
import type { KubernetesScope, ResourceScope } from './scope.ts';

/** What of a scope none of the owners covers, as `uncovered` says. */
export type Uncovering = (scope: KubernetesScope) => readonly KubernetesScope[];

/** Fewer are gone through faster than they are looked up. */
const FEW = 32;

/**
 * Many owners against many scopes: each is compared only with those that could cover it, found by place, group, resource
 * and name, so that a role of ten thousand rules costs ten thousand steps and not their square.
 */
export function uncoveredBy(owners: readonly KubernetesScope[]): Uncovering {
  if (owners.length <= FEW) {
    const rules = owners.map(ruleOf);
    return (scope) => uncovered(rules, scope);
  }
  const byKey = new Map<string, PlacedRule[]>();
  const add = (key: string, rule: PlacedRule) => {
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [rule]);
    else known.push(rule);
  };
  for (const owner of owners) {
    const rule = ruleOf(owner);
    for (const key of keysOf(owner, rule.namespace)) add(key, rule);
  }
  return (scope) => uncovered(candidates(scope, byKey), scope);
}

/** URLs are few, and a pattern of one covers by its beginning: all of them are looked at. */
const URLS = 'urls';
const EVERY_NAME = '';

function keysOf(owner: KubernetesScope, namespace: string | undefined): readonly string[] {
  if (owner.kind === 'url') return [URLS];
  const names = owner.names.length === 0 ? [EVERY_NAME] : owner.names.map((name) => `=${name}`);
  return names.map((name) => keyOf([namespace, owner.group, owner.resource, name]));
}

function candidates(
  scope: KubernetesScope,
  byKey: ReadonlyMap<string, readonly PlacedRule[]>,
): readonly PlacedRule[] {
  if (scope.kind === 'url') return byKey.get(URLS) ?? [];
  const places = [...new Set([undefined, ruleOf(scope).namespace])];
  const groups = [...new Set(['*', scope.group])];
  const names = [EVERY_NAME, ...scope.names.map((name) => `=${name}`)];
  const keys = places.flatMap((namespace) =>
    groups.flatMap((group) =>
      coveringResources(scope).flatMap((resource) =>
        names.map((name) => keyOf([namespace, group, resource, name])),
      ),
    ),
  );
  return keys.flatMap((key) => byKey.get(key) ?? []);
}

/** A resource is covered by its own name, by every resource, and by its subresource of every resource. */
function coveringResources({ resource }: ResourceScope): readonly string[] {
  const slash = resource.indexOf('/');
  return [...new Set([resource, '*', ...(slash < 0 ? [] : [`*${resource.slice(slash)}`])])];
}

function keyOf(parts: readonly (string | undefined)[]): string {
  return JSON.stringify(parts);
}
