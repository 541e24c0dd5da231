import type { VaultAcl } from './acl.ts';

/**
 * What Vault would give a service account: every login that admits it, each with an ACL of its own, since ACLs do not add
 * up across logins.
 */
export interface VaultHeld {
  readonly logins: readonly VaultLogin[];
  /** Connections that nothing, or not everything, is known of: other logins may exist there. Sentences for people. */
  readonly unread: readonly { readonly connection: string; readonly why: string }[];
}

/** One role of one auth mount that admits the account. */
export interface VaultLogin {
  /** Name of the connection in the configuration. */
  readonly connection: string;
  /** Mount of the auth method, without `auth/`. */
  readonly mount: string;
  readonly role: string;
  readonly acl: VaultAcl;
  /** Any service account may use the role. */
  readonly anyAccount: boolean;
  /** Why the ACL may be otherwise: a policy that could not be read. Empty: it is known whole. */
  readonly unknown: readonly string[];
}

/** Why a Vault scope is held. */
export interface VaultVia {
  readonly login: Pick<VaultLogin, 'connection' | 'mount' | 'role'>;
  /** The policies whose rule it is; several where they say it for the very same pattern. */
  readonly policies: readonly string[];
}
