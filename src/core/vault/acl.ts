import type { Capability, PolicyText } from './policy.ts';

/** Rules of all policies of a login, one for each pattern, in the order in which Vault prefers them. */
export interface VaultAcl {
  readonly rules: readonly AclRule[];
}

export interface AclRule {
  readonly pattern: string;
  /** Those of all policies that name the very same pattern; `['deny']` alone where one denies. */
  readonly capabilities: readonly Capability[];
  readonly constraints: readonly string[];
  /** Names of the policies. */
  readonly policies: readonly string[];
}

export declare function createAcl(policies: readonly PolicyText[]): VaultAcl;

/** What `sys/capabilities` answers for a token with these policies: sorted, `['deny']` where nothing is allowed. */
export declare function capabilitiesAt(acl: VaultAcl, path: string): readonly Capability[];
