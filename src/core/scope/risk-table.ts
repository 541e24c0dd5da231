/** How bad it is that a scope is held and not needed. A closed table: every row with its reason and its source. */
export type Risk = 'critical' | 'high' | 'medium' | 'low';

export interface RiskRow {
  /** A pattern of `overlaps`: `any` is any value, `*` the wildcard itself, no place anywhere. */
  readonly pattern: string;
  readonly reason: string;
  readonly source: string;
  /** The row counts only for a scope that is not limited to names. */
  readonly unnamed: boolean;
}

function row(pattern: string, reason: string, source: string): RiskRow {
  return { pattern, reason, source, unnamed: false };
}

function unnamed(pattern: string, reason: string, source: string): RiskRow {
  return { pattern, reason, source, unnamed: true };
}

/** kubernetes.io/docs/concepts/security/rbac-good-practices */
const PRACTICES = 'rbac-good-practices';
const ESCALATION = 'pkg/registry/rbac/escalation_check.go';

/** A scope has the highest risk of the rows that it touches; one that touches none is `low`. */
export const RISK_TABLE: Readonly<Record<Exclude<Risk, 'low'>, readonly RiskRow[]>> = {
  critical: [
    row('* *', 'everything', PRACTICES),
    row('any * everywhere', 'every resource of the cluster', PRACTICES),
    row('escalate any.rbac.authorization.k8s.io', 'gives itself any permission', ESCALATION),
    unnamed('bind any.rbac.authorization.k8s.io', 'binds any role to itself', ESCALATION),
    row(
      'create,update,patch,delete,deletecollection rolebindings.rbac.authorization.k8s.io',
      'rewrites who holds what',
      PRACTICES,
    ),
    row(
      'create,update,patch,delete,deletecollection clusterrolebindings.rbac.authorization.k8s.io everywhere',
      'rewrites who holds what',
      PRACTICES,
    ),
    row('create,update,patch roles.rbac.authorization.k8s.io', 'widens roles that are bound', PRACTICES),
    row(
      'create,update,patch clusterroles.rbac.authorization.k8s.io everywhere',
      'widens roles that are bound',
      PRACTICES,
    ),
    unnamed('impersonate users', 'acts as anyone', PRACTICES),
    unnamed('impersonate groups', 'acts as anyone', PRACTICES),
    unnamed('impersonate serviceaccounts', 'acts as anyone', PRACTICES),
    unnamed('impersonate any.authentication.k8s.io', 'acts as anyone', PRACTICES),
    row(
      'any nodes/proxy everywhere',
      'runs commands in any pod of the node, unaudited; get is enough',
      PRACTICES,
    ),
    row('create serviceaccounts/token everywhere', 'makes tokens of any service account', PRACTICES),
    row('create serviceaccounts/token in kube-system', 'makes tokens of the controllers', PRACTICES),
    row(
      'update,patch certificatesigningrequests.certificates.k8s.io/approval everywhere',
      'approves client certificates',
      PRACTICES,
    ),
    row('approve,sign signers.certificates.k8s.io everywhere', 'signs client certificates', PRACTICES),
    unnamed(
      'any validatingwebhookconfigurations.admissionregistration.k8s.io everywhere',
      'reads or rewrites admitted objects',
      PRACTICES,
    ),
    unnamed(
      'any mutatingwebhookconfigurations.admissionregistration.k8s.io everywhere',
      'reads or rewrites admitted objects',
      PRACTICES,
    ),
    unnamed(
      'create,update,patch,delete any.admissionregistration.k8s.io everywhere',
      'rewrites admission',
      PRACTICES,
    ),
    row(
      'create,update,patch,delete any.countersign.dev',
      'writes the policies and waivers that bind it',
      'docs/adr',
    ),
    unnamed('get,list,watch secrets everywhere', 'reads every credential of the cluster', PRACTICES),
    unnamed('get,list,watch secrets in kube-system', 'reads the cluster’s own credentials', PRACTICES),
    row('create,update,patch pods in kube-system', 'runs as any service account of kube-system', PRACTICES),
  ],
  high: [
    row('any *', 'every resource of a namespace', PRACTICES),
    row('bind any.rbac.authorization.k8s.io', 'binds the named roles to anyone', ESCALATION),
    row('impersonate users', 'acts as the named identities', PRACTICES),
    row('impersonate groups', 'acts as the named identities', PRACTICES),
    row('impersonate serviceaccounts', 'acts as the named identities', PRACTICES),
    row('impersonate any.authentication.k8s.io', 'acts as the named identities', PRACTICES),
    row('create serviceaccounts/token', 'makes tokens of the namespace’s service accounts', PRACTICES),
    row(
      'create,update,patch,delete any.admissionregistration.k8s.io everywhere',
      'rewrites the named admission configuration',
      PRACTICES,
    ),
    unnamed('get,list,watch secrets', 'reads every credential of the namespace', PRACTICES),
    row('create,update,patch secrets', 'replaces credentials, or mints a legacy token', PRACTICES),
    row('create,update,patch pods', 'runs as any service account of the namespace', PRACTICES),
    row('create,update,patch any.apps', 'runs pods as any service account of the namespace', PRACTICES),
    row('create,update,patch any.batch', 'runs pods as any service account of the namespace', PRACTICES),
    row(
      'create,update,patch replicationcontrollers',
      'runs pods as any service account of the namespace',
      PRACTICES,
    ),
    row('get,create pods/exec', 'runs commands in running pods', PRACTICES),
    row('get,create pods/attach', 'takes over running pods', PRACTICES),
    row('update,patch pods/ephemeralcontainers', 'adds containers to running pods', PRACTICES),
    row('create persistentvolumes everywhere', 'mounts the node’s file system', PRACTICES),
    row(
      'create,update,patch namespaces',
      'changes the labels that admission and network policies select by',
      PRACTICES,
    ),
    row(
      'create,update,patch apiservices.apiregistration.k8s.io everywhere',
      'answers the API in the server’s place',
      'kube-aggregator',
    ),
    row(
      'create,update,patch customresourcedefinitions.apiextensions.k8s.io everywhere',
      'changes what operators obey',
      'apiextensions',
    ),
    row('update,patch serviceaccounts', 'attaches cloud roles and pull secrets to accounts', PRACTICES),
  ],
  medium: [
    row('get,list,watch secrets', 'reads the named credentials', PRACTICES),
    row('get,create pods/portforward', 'reaches ports that no Service opens', PRACTICES),
    row(
      'create,update,patch endpointslices.discovery.k8s.io',
      'diverts a Service’s traffic',
      'CVE-2021-25740',
    ),
    row('create,update,patch endpoints', 'diverts a Service’s traffic', 'CVE-2021-25740'),
    row('create,update,patch services', 'diverts traffic with external addresses', 'CVE-2020-8554'),
    row('update,patch,delete nodes everywhere', 'moves pods to nodes of its choice', PRACTICES),
    row(
      'create,update,patch configmaps in kube-system',
      'reconfigures the cluster’s own components',
      PRACTICES,
    ),
    row('create,update,patch,delete,deletecollection any.any', 'changes or destroys objects', PRACTICES),
  ],
};
