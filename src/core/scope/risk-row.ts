/** One way in which a permission can be abused. */
export interface RiskRow {
  /** One pattern a line, see `pattern.ts`. */
  readonly pattern: string;
  /** What the holder can do. */
  readonly reason: string;
  /** A file of the API server, a KEP, a page of the documentation, a CVE or an analyser that has the rule. */
  readonly source: string;
  /** The row counts only for a scope that is not limited to names. */
  readonly unnamed: boolean;
  /** Scope lines; the row does not count for a scope that these cover wholly. */
  readonly except: string | undefined;
}

export function row(pattern: string, reason: string, source: string): RiskRow {
  return { pattern, reason, source, unnamed: false, except: undefined };
}

export function unnamed(pattern: string, reason: string, source: string): RiskRow {
  return { ...row(pattern, reason, source), unnamed: true };
}

/** kubernetes.io/docs/concepts/security/rbac-good-practices */
export const PRACTICES = 'rbac-good-practices';
export const ESCALATION = 'pkg/registry/rbac/escalation_check.go';
export const IMPERSONATION = 'KEP-5284, apiserver/pkg/endpoints/filters/impersonation/mode.go';

export const WRITE = 'create,update,patch';
export const CHANGE = 'create,update,patch,delete,deletecollection';
export const READ = 'get,list,watch';

export const RBAC = 'rbac.authorization.k8s.io';
export const AUTHENTICATION = 'authentication.k8s.io';
export const CERTIFICATES = 'certificates.k8s.io';

/** Everything that a built-in controller makes pods of, and pods themselves. */
export const POD_MAKERS: readonly string[] = [
  'pods',
  'replicationcontrollers',
  'deployments.apps',
  'daemonsets.apps',
  'statefulsets.apps',
  'replicasets.apps',
  'jobs.batch',
  'cronjobs.batch',
];

/** What a user is: in constrained impersonation all of it is in one group. */
export const USER_INFO: readonly string[] = [
  `users.${AUTHENTICATION}`,
  `groups.${AUTHENTICATION}`,
  `uids.${AUTHENTICATION}`,
  `userextras.${AUTHENTICATION}/any`,
];

/** Whoever writes these decides what is admitted, and sees or changes it on its way. */
export const ADMISSION: readonly string[] = [
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
].map((resource) => `${resource}.admissionregistration.k8s.io`);
