import type { LabelSelector } from '../labels.ts';
import type { Risk } from '../scope/risk-table.ts';
import type { Scope } from '../scope/scope.ts';

/**
 * A ScopePolicy, compiled: what bites, when, and the scope lines already parsed. Which of several applies, and how they
 * add up, is in `select.ts`.
 */

export type Action = 'Deny' | 'Warn' | 'Ignore';

const STRICTNESS: readonly Action[] = ['Ignore', 'Warn', 'Deny'];

export function isMilder(a: Action, b: Action): boolean {
  return STRICTNESS.indexOf(a) < STRICTNESS.indexOf(b);
}

export function milder(a: Action, b: Action): Action {
  return isMilder(a, b) ? a : b;
}

/** What a policy can act on. */
export type CheckName = 'missing' | 'excess' | 'forbidden' | 'overreach' | 'undeclared' | 'undetermined';

export type Actions = Readonly<Record<Exclude<CheckName, 'excess'>, Action>> & {
  readonly excess: Readonly<Record<Risk, Action>>;
};

export interface Policy {
  readonly name: string;
  readonly priority: number;
  readonly match: Match;
  readonly onChange: Actions;
  readonly onReschedule: Actions;
  readonly onGrant: Actions;
  /** Is excess measured against all workloads of the account together, or against each alone? */
  readonly sharedAccounts: 'Union' | 'Exact';
  readonly allow: readonly Scope[];
  readonly forbid: readonly Scope[];
  /** `undefined`: needs have no ceiling. */
  readonly ceiling: readonly Scope[] | undefined;
  readonly injection: InjectionPolicy;
  readonly grants: GrantPolicy;
}

export interface InjectionPolicy {
  readonly vaults: readonly string[];
  /** Patterns of Vault roles, with `{namespace}` and `{serviceAccount}` already checked; `*` any. */
  readonly roles: readonly string[];
  readonly issuance: readonly ('Login' | 'Wrapped')[];
  /** Patterns of Vault's token roles, as `roles` has them. Nothing in Vault binds such a role to an account: this does. */
  readonly tokenRoles: readonly string[];
  /** How long a token of a Vault role may live; `undefined`: as long as the role says. */
  readonly maxTtlSeconds: number | undefined;
}

/** What a grant may waive: never what is forbidden, and an unknown only goes away by becoming known. */
export const WAIVABLE_CHECKS = [
  'missing',
  'excess',
  'overreach',
  'undeclared',
] as const satisfies CheckName[];

export type WaivableCheck = (typeof WAIVABLE_CHECKS)[number];

export interface GrantPolicy {
  readonly maxDurationSeconds: number;
  readonly mayWaive: readonly WaivableCheck[];
}

/** All that is given must match; what is absent matches everything. */
export interface Match {
  readonly namespaceSelector: LabelSelector | undefined;
  /** `NAMESPACE/NAME`, each part with `*` for any run of characters. */
  readonly serviceAccounts: readonly string[] | undefined;
}

function every(action: Action): Actions['excess'] {
  return { critical: action, high: action, medium: action, low: action };
}

/** When no policy matches: everything warns. A pod that asked for credentials and carries none is refused all the same. */
export const DEFAULT_POLICY: Policy = {
  name: 'default',
  priority: Number.MIN_SAFE_INTEGER,
  match: { namespaceSelector: undefined, serviceAccounts: undefined },
  onChange: {
    missing: 'Warn',
    excess: every('Warn'),
    forbidden: 'Warn',
    overreach: 'Warn',
    undeclared: 'Warn',
    undetermined: 'Warn',
  },
  onReschedule: {
    missing: 'Warn',
    excess: every('Warn'),
    forbidden: 'Warn',
    overreach: 'Ignore',
    undeclared: 'Ignore',
    undetermined: 'Ignore',
  },
  onGrant: {
    missing: 'Warn',
    excess: every('Warn'),
    forbidden: 'Warn',
    overreach: 'Ignore',
    undeclared: 'Ignore',
    undetermined: 'Ignore',
  },
  sharedAccounts: 'Union',
  allow: [],
  forbid: [],
  ceiling: undefined,
  injection: { vaults: ['*'], roles: ['*'], issuance: ['Login'], tokenRoles: [], maxTtlSeconds: undefined },
  grants: { maxDurationSeconds: 86_400, mayWaive: [] },
};
