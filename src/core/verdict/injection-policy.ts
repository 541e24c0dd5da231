import { globMatches } from '../glob.ts';
import type { Issuance } from '../inject/issuance.ts';
import type { InjectionRequest } from '../inject/request.ts';
import type { Account } from '../scope/scope.ts';
import type { InjectionPolicy } from './policy.ts';
import { fillText } from './select.ts';

/** Which Vault connection and role a pod may use, and how it gets its token. Annotations choose among what the policy allows; they never widen it. */
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

/** How a pod gets its token. */
export type ChosenIssuance = Issuance | { readonly kind: 'refused'; readonly problem: string };

export interface AskedIssuance {
  /** `countersign.dev/inject`. */
  readonly issuance: InjectionRequest['issuance'];
  /** The controller of the pod is a Job, whose pods are not started again for ever. */
  readonly ofJob: boolean;
}

const ISSUANCES = { login: 'Login', wrapped: 'Wrapped' } as const;

export function chooseIssuance(
  { issuance: asked, ofJob }: AskedIssuance,
  policy: InjectionPolicy,
  account: Account,
  policyName: string,
): ChosenIssuance {
  const wanted = asked === 'policy' ? (policy.issuance[0] ?? 'Login') : ISSUANCES[asked];
  if (!policy.issuance.includes(wanted)) {
    return refused(`policy ${policyName} allows no ${wanted}; it allows ${policy.issuance.join(', ')}`);
  }
  if (wanted === 'Login') return { kind: 'login' };
  const fallback = policy.issuance.includes('Login') ? 'login' : 'none';
  if (fallback === 'none' && !ofJob) {
    const why = 'a pod that starts again later has no other way to a token';
    return refused(
      `policy ${policyName} allows Wrapped without Login, which is for pods of a Job alone: ${why}`,
    );
  }
  const patterns = policy.tokenRoles.map((pattern) => fillText(pattern, account));
  const tokenRole = patterns.find((pattern) => !pattern.includes('*')) ?? account.name;
  if (!patterns.some((pattern) => globMatches(pattern, tokenRole))) {
    const allowed = patterns.join(', ') || 'none';
    return refused(
      `policy ${policyName} allows no token role ${tokenRole} for this account; it allows ${allowed}`,
    );
  }
  return { kind: 'wrapped', tokenRole, fallback };
}

function refused(problem: string): ChosenIssuance {
  return { kind: 'refused', problem };
}
