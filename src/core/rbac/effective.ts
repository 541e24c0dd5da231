import { scopesOfRule } from '../scope/from-rule.ts';
import { baseOf, placeScope } from '../scope/place.ts';
import type { Resources } from '../scope/resources.ts';
import type { KubernetesScope, ResourceScope } from '../scope/scope.ts';
import { NAMESPACE_OBJECT_VERBS, NAMESPACE_OBJECTS, REQUEST_VERBS } from '../scope/verbs.ts';
import type { HeldRule } from './held.ts';

/**
 * What a held rule really gives: its scopes without what is inert where the rule counts. A RoleBinding confines its
 * rules to one namespace, where non-resource URLs and cluster-scoped resources are out of reach, except the Namespace
 * object of that name and custom verbs such as `bind` and `use`, which are asked with a namespace.
 */
export function* effectiveScopes(
  { rule, namespace }: HeldRule,
  resources: Resources,
): Generator<KubernetesScope> {
  const place = namespace === undefined ? 'everywhere' : { namespace };
  for (const scope of scopesOfRule(rule, place)) {
    if (scope.kind === 'url') yield scope;
    else if (namespace === undefined) yield* placeScope(scope, '', resources);
    else yield* confined(scope, namespace, resources);
  }
}

function* confined(scope: ResourceScope, namespace: string, resources: Resources): Generator<ResourceScope> {
  const base = baseOf(scope.resource);
  if (base === '*' || resources.namespaced(scope.group, base) !== false) {
    yield scope;
    return;
  }
  const custom = scope.verbs.filter((verb) => !REQUEST_VERBS.includes(verb));
  if (custom.length > 0) yield { ...scope, verbs: custom };
  if (!NAMESPACE_OBJECTS.includes(scope.resource)) return;
  if (scope.names.length > 0 && !scope.names.includes(namespace)) return;
  const verbs = scope.verbs.filter((verb) => NAMESPACE_OBJECT_VERBS.includes(verb));
  if (verbs.length > 0) yield { ...scope, verbs, names: [namespace] };
}
