import type { Risk } from '../scope/risk-table.ts';

/**
 * Who holds what, by way of what, and whether it is needed: as plain data, for the page and for machines. Every text in it
 * is safe for a terminal, and cut.
 */
export interface AccessReport {
  /** RFC 3339: when it was made. */
  readonly madeAt: string;
  /** How old the facts were then; 0 where they were read for it. */
  readonly factsAgeSeconds: number;
  /** What is not in it, in sentences. */
  readonly incomplete: readonly string[];
  /** Sorted by namespace and name. */
  readonly accounts: readonly AccountAccess[];
}

export interface AccountAccess extends AccessCounts {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** More than one workload runs as it. */
  readonly shared: boolean;
  /** Empty: nothing that is listed runs as it, and it is in the report for what it holds. */
  readonly workloads: readonly WorkloadAccess[];
  /** Those that admit the account. */
  readonly vaultRoles: readonly VaultRoleAccess[];
  /** What is missing or held: worst first. */
  readonly scopes: readonly ScopeAccess[];
  /** How many are not listed. */
  readonly moreScopes: number;
  /** What is to be said of it beside its scopes, in sentences. */
  readonly notes: readonly string[];
}

/** In lines of `scopes`, the unlisted ones too. */
export interface AccessCounts {
  readonly held: number;
  readonly needed: number;
  readonly missing: number;
  readonly unknown: number;
  /** By risk. */
  readonly excess: Readonly<Record<Risk, number>>;
}

export interface WorkloadAccess {
  readonly kind: string;
  readonly name: string;
  /** The policy that applies. */
  readonly policy: string;
  readonly declared: boolean;
  readonly result: 'pass' | 'warn' | 'deny' | 'unknown' | 'invalid';
}

export interface VaultRoleAccess {
  readonly connection: string;
  readonly mount: string;
  readonly role: string;
  readonly policies: readonly string[];
  /** Any service account of the cluster may use it. */
  readonly anyAccount: boolean;
}

/**
 * `unknown`: held, and whether it is needed can't be said; `missing` is needed and not held, with `undetermined` where it
 * may be held all the same.
 */
export type ScopeState = 'missing' | 'excess' | 'unknown' | 'needed';

export interface ScopeAccess {
  readonly state: ScopeState;
  readonly undetermined: boolean;
  /** One scope expression. */
  readonly scope: string;
  readonly risk: Risk;
  /** Why the risk is what it is. */
  readonly why?: string;
  /** The binding and role, or the Vault role and policies, that give it. Empty: nothing does. */
  readonly via: string;
}
