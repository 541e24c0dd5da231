import type { PolicyRule } from '../rbac/rules.ts';
import type { KubernetesScope, ResourceScope, UrlScope } from './scope.ts';

/**
 * The one matcher: does a rule, where it counts, cover a permission? Missing, excess and every comparison with a
 * request go through here. Semantics: pkg/apis/rbac/v1/evaluation_helpers.go and
 * component-helpers/auth/rbac/validation/policy_comparator.go of Kubernetes.
 */

/** A rule and where it counts. */
export interface PlacedRule {
  readonly rule: PolicyRule;
  /** The namespace it is confined to; `undefined`: everywhere. */
  readonly namespace: string | undefined;
}

/** A scope as a rule, so that declared and held permissions are compared alike. `own` counts nowhere. */
export function ruleOf(scope: KubernetesScope): PlacedRule {
  if (scope.kind === 'url') {
    const rule = {
      verbs: scope.verbs,
      apiGroups: [],
      resources: [],
      resourceNames: [],
      nonResourceURLs: [scope.url],
    };
    return { rule, namespace: undefined };
  }
  const rule = {
    verbs: scope.verbs,
    apiGroups: [scope.group],
    resources: [scope.resource],
    resourceNames: scope.names,
    nonResourceURLs: [],
  };
  return { rule, namespace: placeOf(scope) };
}

/** What of `scope` no single one of `owners` covers; empty when all of it is covered. */
export function uncovered(owners: readonly PlacedRule[], scope: KubernetesScope): readonly KubernetesScope[] {
  return scope.kind === 'url' ? uncoveredUrl(owners, scope) : uncoveredResource(owners, scope);
}

/** What of `scope` the owners do cover. */
export function covered(owners: readonly PlacedRule[], scope: KubernetesScope): readonly KubernetesScope[] {
  return uncovered(uncovered(owners, scope).map(ruleOf), scope);
}

function uncoveredUrl(owners: readonly PlacedRule[], scope: UrlScope): readonly UrlScope[] {
  const able = owners.filter((owner) => owner.namespace === undefined && urlCovered(owner.rule, scope.url));
  const verbs = scope.verbs.filter((verb) => !able.some((owner) => verbCovered(owner.rule, verb)));
  return verbs.length === 0 ? [] : [{ ...scope, verbs }];
}

function uncoveredResource(owners: readonly PlacedRule[], scope: ResourceScope): readonly ResourceScope[] {
  const namespace = placeOf(scope);
  const able = owners.filter(
    (owner) =>
      (owner.namespace === undefined || owner.namespace === namespace) &&
      groupCovered(owner.rule, scope.group) &&
      resourceCovered(owner.rule, scope.resource),
  );
  if (able.length === 0) return [scope];
  if (scope.names.length === 0) {
    const verbs = uncoveredVerbs(able, scope.verbs, undefined);
    return verbs.length === 0 ? [] : [{ ...scope, verbs }];
  }
  return uncoveredNames(able, scope);
}

/** Names that lack the same verbs stay together. */
function uncoveredNames(able: readonly PlacedRule[], scope: ResourceScope): readonly ResourceScope[] {
  const namesByVerbs = new Map<string, { verbs: readonly string[]; names: string[] }>();
  for (const name of scope.names) {
    const verbs = uncoveredVerbs(able, scope.verbs, name);
    if (verbs.length === 0) continue;
    const key = JSON.stringify(verbs);
    const entry = namesByVerbs.get(key);
    if (entry === undefined) namesByVerbs.set(key, { verbs, names: [name] });
    else entry.names.push(name);
  }
  return [...namesByVerbs.values()].map(({ verbs, names }) => ({ ...scope, verbs, names }));
}

function uncoveredVerbs(
  able: readonly PlacedRule[],
  verbs: readonly string[],
  name: string | undefined,
): readonly string[] {
  return verbs.filter(
    (verb) => !able.some((owner) => nameCovered(owner.rule, name) && verbCovered(owner.rule, verb)),
  );
}

function placeOf(scope: ResourceScope): string | undefined {
  if (scope.place === 'everywhere') return undefined;
  return scope.place === 'own' ? NOWHERE : scope.place.namespace;
}

/** No namespace can have this name, so an unplaced scope neither covers nor is covered by one namespace's rules. */
const NOWHERE = '';

function verbCovered(rule: PolicyRule, verb: string): boolean {
  return rule.verbs.includes('*') || rule.verbs.includes(verb);
}

function groupCovered(rule: PolicyRule, group: string): boolean {
  return rule.apiGroups.includes('*') || rule.apiGroups.includes(group);
}

/** `*` covers every resource and subresource, `*` + `/log` the subresource of every resource; nothing else is a pattern. */
function resourceCovered(rule: Pick<PolicyRule, 'resources'>, resource: string): boolean {
  if (rule.resources.includes('*') || rule.resources.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && slash < resource.length - 1 && rule.resources.includes(`*${resource.slice(slash)}`);
}

/** A rule with names never covers a permission on every name. */
function nameCovered(rule: PolicyRule, name: string | undefined): boolean {
  return rule.resourceNames.length === 0 || (name !== undefined && rule.resourceNames.includes(name));
}

function urlCovered(rule: PolicyRule, url: string): boolean {
  return rule.nonResourceURLs.some(
    (owned) =>
      owned === '*' || owned === url || (owned.endsWith('*') && url.startsWith(owned.replace(/\*+$/u, ''))),
  );
}
