/** The kinds of objects that facts are made of, and where the API server keeps them. */
export interface KindEntry {
  readonly apiVersion: string;
  /** The resource's name in URLs and RBAC. */
  readonly plural: string;
  readonly namespaced: boolean;
}

const RBAC = 'rbac.authorization.k8s.io/v1';
const OWN = 'countersign.dev/v1alpha1';

/** Watched in a cluster, and read from a folder. */
export const WATCHED_KINDS = {
  Namespace: { apiVersion: 'v1', plural: 'namespaces', namespaced: false },
  ServiceAccount: { apiVersion: 'v1', plural: 'serviceaccounts', namespaced: true },
  Role: { apiVersion: RBAC, plural: 'roles', namespaced: true },
  ClusterRole: { apiVersion: RBAC, plural: 'clusterroles', namespaced: false },
  RoleBinding: { apiVersion: RBAC, plural: 'rolebindings', namespaced: true },
  ClusterRoleBinding: { apiVersion: RBAC, plural: 'clusterrolebindings', namespaced: false },
  Deployment: { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true },
  StatefulSet: { apiVersion: 'apps/v1', plural: 'statefulsets', namespaced: true },
  DaemonSet: { apiVersion: 'apps/v1', plural: 'daemonsets', namespaced: true },
  ReplicaSet: { apiVersion: 'apps/v1', plural: 'replicasets', namespaced: true },
  ReplicationController: { apiVersion: 'v1', plural: 'replicationcontrollers', namespaced: true },
  Job: { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true },
  CronJob: { apiVersion: 'batch/v1', plural: 'cronjobs', namespaced: true },
  Node: { apiVersion: 'v1', plural: 'nodes', namespaced: false },
  ScopePolicy: { apiVersion: OWN, plural: 'scopepolicies', namespaced: false },
  AccessGrant: { apiVersion: OWN, plural: 'accessgrants', namespaced: true },
  AccessDecision: { apiVersion: OWN, plural: 'accessdecisions', namespaced: true },
} as const satisfies Readonly<Record<string, KindEntry>>;

export type WatchedKind = keyof typeof WATCHED_KINDS;

/** What a folder is read for: pods are judged, and CRDs say which custom resources there are. */
export const FOLDER_KINDS = {
  ...WATCHED_KINDS,
  Pod: { apiVersion: 'v1', plural: 'pods', namespaced: true },
  CustomResourceDefinition: {
    apiVersion: 'apiextensions.k8s.io/v1',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
} as const satisfies Readonly<Record<string, KindEntry>>;

export type FolderKind = keyof typeof FOLDER_KINDS;

export function isKind(kind: string): kind is FolderKind {
  return Object.hasOwn(FOLDER_KINDS, kind);
}

const NOT_WORKLOADS = [
  'Namespace',
  'ServiceAccount',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'Node',
  'ScopePolicy',
  'AccessGrant',
  'AccessDecision',
] as const satisfies readonly WatchedKind[];

export type WorkloadKind = Exclude<WatchedKind, (typeof NOT_WORKLOADS)[number]>;

export function isWorkloadKind(kind: FolderKind): kind is WorkloadKind {
  return Object.hasOwn(WATCHED_KINDS, kind) && !(NOT_WORKLOADS as readonly string[]).includes(kind);
}

/** Empty for a kind that is not known here. */
export function apiVersionOf(kind: string): string {
  return isKind(kind) ? FOLDER_KINDS[kind].apiVersion : '';
}

/** The group of an apiVersion: empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/** Of the whole collection: in every namespace, or in one. */
export function collectionPath({ apiVersion, plural }: KindEntry, namespace?: string): string {
  const place = namespace === undefined ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
  return `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}/${place}${plural}`;
}

/** Of one object. */
export function objectPath(kind: KindEntry, name: string, namespace?: string): string {
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}
