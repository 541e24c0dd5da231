import { FOLDER_KINDS, type FolderKind } from './kinds.ts';
import { complain, objectAt, type Spot, textAt } from './spot.ts';

/** Who an object is. */
export interface Identity {
  /** `undefined` for a cluster-scoped object. */
  readonly namespace: string | undefined;
  readonly name: string;
}

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?$/;
/** RBAC objects take any path segment (apimachinery/pkg/api/validation/path/name.go). */
const SEGMENT = /^(?!\.{1,2}$)[^/%]+$/;

const RBAC_KINDS: readonly string[] = ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'];

/**
 * `undefined` for an object without a name or a place, or whose key could be another's.
 * @param fallback the namespace of an object that names none.
 */
export function identify(kind: FolderKind, spot: Spot, fallback?: string): Identity | undefined {
  const metadata = objectAt(spot, 'metadata');
  const name = textAt(metadata, 'name');
  const namespaced = FOLDER_KINDS[kind].namespaced;
  const namespace = namespaced ? textAt(metadata, 'namespace') || fallback : undefined;
  if (!name) complain(metadata, 'name', 'expected a name, found nothing');
  else if (!formOf(kind).test(name)) complain(metadata, 'name', 'expected a name that an API server takes');
  if (namespaced && !namespace) complain(metadata, 'namespace', 'expected a namespace, found nothing');
  else if (namespace !== undefined && !LABEL.test(namespace)) {
    complain(metadata, 'namespace', 'expected the name of a namespace: lower-case letters, digits and -');
  }
  const usable = name && !name.includes('/') && !namespace?.includes('/') && (!namespaced || namespace);
  return usable ? { namespace, name } : undefined;
}

function formOf(kind: FolderKind): RegExp {
  if (kind === 'Namespace') return LABEL;
  return RBAC_KINDS.includes(kind) ? SEGMENT : SUBDOMAIN;
}

/** Unique within its kind: neither part holds a slash. */
export function keyOf({ namespace, name }: Identity): string {
  return `${namespace ?? ''}/${name}`;
}

export function identityOf(key: string): Identity {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash) || undefined, name: key.slice(slash + 1) };
}
