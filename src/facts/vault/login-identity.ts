import type { AccountLabels, AuthRole } from '../../core/vault/role.ts';
import { claimOf } from '../../core/vault/role-claims.ts';
import { userClaimOf } from '../../core/vault/role-jwt.ts';

/** As whom a login by a role counts at the identity engine. */
export interface LoginIdentity {
  /** Name of the alias; `undefined`: the account has logged in never, or only the token tells. */
  readonly alias: string | undefined;
  /** What the auth method calls the groups of the account. */
  readonly groups: readonly string[];
  /** What only the token tells. Empty: all of it is known. */
  readonly unknown: readonly string[];
}

export function identityOf({ binding }: AuthRole, labels: AccountLabels): LoginIdentity {
  const { account, uid } = labels;
  if (binding.kind === 'kubernetes') {
    const alias =
      binding.aliasNameSource === 'serviceaccount_name' ? `${account.namespace}/${account.name}` : uid;
    return { alias, groups: [], unknown: [] };
  }
  const user = userClaimOf(binding, labels);
  const groups = binding.groupsClaim === '' ? undefined : claimOf(labels, binding.groupsClaim);
  return {
    alias: user.kind === 'text' ? user.text : undefined,
    groups: groups?.kind === 'text' ? [groups.text] : [],
    unknown: [
      ...(user.kind === 'text' ? [] : ['the entity of the login depends on the token']),
      ...(groups === undefined || groups.kind === 'text'
        ? []
        : ['the groups of the login depend on the token']),
    ],
  };
}

/** The same for logins that are the same to the identity engine. */
export function loginKey({ alias, groups }: LoginIdentity): string {
  return JSON.stringify([alias, groups]);
}
