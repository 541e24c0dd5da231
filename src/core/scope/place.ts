/** Where the API server will look for a permission: everywhere, or in one namespace. */

import type { Resources } from './resources.ts';
import type { ResourceScope, Scope } from './scope.ts';
import { NAMESPACE_OBJECT_VERBS, NAMESPACE_OBJECTS, REQUEST_VERBS } from './verbs.ts';

/** `namespace` is the workload's own. For what people write: held rules are placed by their binding. */
export function placeScope<S extends Scope>(
  scope: S,
  namespace: string,
  resources: Resources,
): readonly (S | ResourceScope)[] {
  if (scope.kind !== 'resource') return [scope];
  const base = baseOf(scope.resource);
  if (base === '*' || resources.namespaced(scope.group, base) !== false) {
    return scope.place === 'own' ? [{ ...scope, place: { namespace } }] : [scope];
  }
  const [named, rest] = isNamespaceObject(scope)
    ? takeVerbs(scope, NAMESPACE_OBJECT_VERBS)
    : [undefined, scope];
  const objects = named === undefined ? [] : inOwnNamespaces(named);
  return rest === undefined ? objects : [...objects, ...placeClusterScoped(rest)];
}

/** A cluster-scoped resource is everywhere, unless a custom verb is asked with a namespace: `bind clusterroles in shop`. */
function placeClusterScoped(scope: ResourceScope): readonly ResourceScope[] {
  if (typeof scope.place !== 'object') return [{ ...scope, place: 'everywhere' }];
  const [standard, custom] = takeVerbs(scope, ['*', ...REQUEST_VERBS]);
  const placed = standard === undefined ? [] : [{ ...standard, place: 'everywhere' } as const];
  return custom === undefined ? placed : [...placed, custom];
}

function isNamespaceObject(scope: ResourceScope): boolean {
  return scope.group === '' && NAMESPACE_OBJECTS.includes(scope.resource) && scope.names.length > 0;
}

function inOwnNamespaces(scope: ResourceScope): readonly ResourceScope[] {
  return scope.names.map((name) => ({ ...scope, names: [name], place: { namespace: name } }));
}

type Part = ResourceScope | undefined;

/** The scope with only these verbs, and the scope without them. */
function takeVerbs(scope: ResourceScope, verbs: readonly string[]): readonly [taken: Part, left: Part] {
  const taken = scope.verbs.filter((verb) => verbs.includes(verb));
  const left = scope.verbs.filter((verb) => !verbs.includes(verb));
  return [
    taken.length === 0 ? undefined : { ...scope, verbs: taken },
    left.length === 0 ? undefined : { ...scope, verbs: left },
  ];
}

export function baseOf(resource: string): string {
  return resource.split('/', 1)[0] ?? '';
}
