import type { Account } from '../scope/scope.ts';
import type { InjectionPolicy } from './policy.ts';
import { fillText, globMatches } from './select.ts';

/** Which Vault connection and role a pod may use. Annotations choose among what the policy allows; they never widen it. */
export type ChosenRole =
  | { readonly vault: string; readonly role: string }
  | { readonly annotation: 'vault' | 'vault-role'; readonly problem: string };

export interface AskedRole {
  /** `countersign.dev/vault`. */
  readonly vault: string;
  /** `countersign.dev/vault-role`; `undefined`: what the policy says, else the account’s name. */
  readonly role: string | undefined;
}

export function chooseRole(
  asked: AskedRole,
  policy: InjectionPolicy,
  account: Account,
  policyName: string,
): ChosenRole {
  const { vault } = asked;
  if (!policy.vaults.some((pattern) => globMatches(pattern, vault))) {
    const problem = `policy ${policyName} allows no Vault connection ${vault}; it allows ${policy.vaults.join(', ')}`;
    return { annotation: 'vault', problem };
  }
  const patterns = policy.roles.map((pattern) => fillText(pattern, account));
  const role = asked.role ?? patterns.find((pattern) => !pattern.includes('*')) ?? account.name;
  if (!patterns.some((pattern) => globMatches(pattern, role))) {
    const problem = `policy ${policyName} allows no Vault role ${role} for this account; it allows ${patterns.join(', ')}`;
    return { annotation: 'vault-role', problem };
  }
  return { vault, role };
}
