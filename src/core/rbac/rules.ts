import type { LabelSelector, Labels } from '../labels.ts';

/** RBAC as the evaluator needs it: the fields that decide, and nothing else. Names as in rbac.authorization.k8s.io/v1. */

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

export interface Role {
  readonly kind: 'Role' | 'ClusterRole';
  /** `undefined` for a ClusterRole. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** Of a ClusterRole: by them others gather its rules. A Role's decide nothing. */
  readonly labels: Labels;
  /** Of a ClusterRole with an `aggregationRule`: its rules are those of the roles selected, written by a controller. */
  readonly gathers: readonly LabelSelector[] | undefined;
}

export interface Subject {
  /** `User`, `Group` or `ServiceAccount`; anything else matches nobody. */
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
}

export interface RoleRef {
  readonly kind: string;
  readonly name: string;
}

export interface Binding {
  readonly kind: 'RoleBinding' | 'ClusterRoleBinding';
  /** `undefined` for a ClusterRoleBinding. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly roleRef: RoleRef;
  readonly subjects: readonly Subject[];
}
