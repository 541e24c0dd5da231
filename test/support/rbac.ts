import type { LabelSelector, Labels } from '../../src/core/labels.ts';
import { createRbacIndex, type Held } from '../../src/core/rbac/held.ts';
import type { Binding, PolicyRule, Role, Subject } from '../../src/core/rbac/rules.ts';
import type { Account } from '../../src/core/scope/scope.ts';

/** Short builders for RBAC: only what a test is about is written in it. */

export function rule(verbs: string, resources: string, more: Partial<PolicyRule> = {}): PolicyRule {
  const base = { verbs: verbs.split(','), resources: resources.split(','), apiGroups: [''] };
  return { ...base, resourceNames: [], nonResourceURLs: [], ...more };
}

export function urls(verbs: string, ...nonResourceURLs: string[]): PolicyRule {
  return { verbs: verbs.split(','), apiGroups: [], resources: [], resourceNames: [], nonResourceURLs };
}

export function role(name: string, ...rules: PolicyRule[]): Role {
  const [namespace, own = ''] = name.split('/');
  return { kind: 'Role', namespace, name: own, rules, labels: {}, gathers: undefined };
}

export function clusterRole(name: string, ...rules: PolicyRule[]): Role {
  return { kind: 'ClusterRole', namespace: undefined, name, rules, labels: {}, gathers: undefined };
}

export function labelled(labels: Labels, role: Role): Role {
  return { ...role, labels };
}

function selecting(matchLabels: Labels): LabelSelector {
  return { matchLabels, matchExpressions: [] };
}

/** A ClusterRole that gathers the rules of those with any of these labels. */
export function aggregated(role: Role, ...selections: readonly Labels[]): Role {
  return { ...role, gathers: selections.map(selecting) };
}

/** `Group:system:serviceaccounts`, `User:jane`, `ServiceAccount:shop/api`, `ServiceAccount:api` (no namespace). */
function subject(text: string): Subject {
  const at = text.indexOf(':');
  const [kind, name] = [text.slice(0, at), text.slice(at + 1)];
  const [namespace, own] = name.split('/');
  return kind === 'ServiceAccount' && own !== undefined
    ? { kind, namespace, name: own }
    : { kind, namespace: undefined, name };
}

export function binding(name: string, roleRef: string, ...subjects: string[]): Binding {
  const [namespace, own] = name.split('/');
  const [kind = '', target = ''] = roleRef.split(':');
  const common = { roleRef: { kind, name: target }, subjects: subjects.map(subject) };
  return own === undefined
    ? { kind: 'ClusterRoleBinding', namespace: undefined, name, ...common }
    : { kind: 'RoleBinding', namespace, name: own, ...common };
}

export const API: Account = { namespace: 'shop', name: 'api' };

export function heldBy(account: Account, ...objects: (Role | Binding)[]): Held {
  const index = createRbacIndex();
  for (const object of objects) {
    if ('rules' in object) index.putRole(object);
    else index.putBinding(object);
  }
  return index.held(account);
}
