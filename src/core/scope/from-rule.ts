/** Turns an RBAC rule into scopes. */

import type { PolicyRule } from '../rbac/rules.ts';
import type { KubernetesScope, Place } from './scope.ts';

/**
 * One scope for each group and resource, and one for each URL; verbs and names stay together. Lazy, because a hostile Role
 * can multiply to millions: take no more than you need. A rule without verbs permits nothing and gives nothing. A rule that
 * is confined to a namespace gives no URL, since only a ClusterRoleBinding can grant one (RequestInfo has no namespace there).
 */
export function* scopesOfRule(rule: PolicyRule, place: Place): Generator<KubernetesScope, void, undefined> {
  const { verbs, resourceNames: names } = rule;
  if (verbs.length === 0) return;
  for (const group of rule.apiGroups) {
    for (const resource of rule.resources) yield { kind: 'resource', verbs, group, resource, names, place };
  }
  if (typeof place === 'object') return;
  for (const url of rule.nonResourceURLs) yield { kind: 'url', verbs, url };
}
