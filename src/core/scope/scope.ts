/**
 * A scope is one permission: verbs on a resource in a place, verbs on a non-resource URL, or Vault capabilities on a path.
 * Everything else in the product is a set of scopes: needs, held, missing, excess, policy lines, grants.
 */

/** `own`: the workload's own namespace, before it is known; `place` (see below) settles it. */
export type Place = 'own' | 'everywhere' | { readonly namespace: string };

export interface ResourceScope {
  readonly kind: 'resource';
  readonly verbs: readonly string[];
  /** `''` is the core group, `*` any group (as RBAC writes it). */
  readonly group: string;
  /** With its subresource, as RBAC writes it: `pods`, `pods/log`, `*`, `*\/scale`. */
  readonly resource: string;
  /** Empty: every name. `['']`: only requests that carry no name (list, create …). */
  readonly names: readonly string[];
  readonly place: Place;
}

/** Non-resource URLs have no place: only ClusterRoleBindings can grant them. */
export interface UrlScope {
  readonly kind: 'url';
  readonly verbs: readonly string[];
  /** A path; a `*` at its end matches any rest. */
  readonly url: string;
}

export interface VaultScope {
  readonly kind: 'vault';
  readonly capabilities: readonly string[];
  /** Vault's own pattern: `*` at the end, `+` for one segment. */
  readonly path: string;
}

export type KubernetesScope = ResourceScope | UrlScope;
export type Scope = KubernetesScope | VaultScope;

/** A mistake in something a person wrote. `line` and `column` start at 1 and count UTF-16 units. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A service account. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}
