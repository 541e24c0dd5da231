import type { VaultAcl } from './acl.ts';
import type { AuthRole } from './role.ts';

/**
 * What Vault would give a service account: every login that admits it, each with an ACL of its own, since ACLs do not add
 * up across logins.
 */
export interface VaultHeld {
  readonly logins: readonly VaultLogin[];
  /** Names of the connections of which every role is known: there are no other logins. */
  readonly read: readonly string[];
  /** Of the others, why: sentences for people. */
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
  /** What else the role says of the token that is asked for, and of the one that is given. */
  readonly terms: LoginTerms;
  /** Why the ACL may be otherwise: a policy that could not be read. Empty: it is known whole. */
  readonly unknown: readonly string[];
}

export interface LoginTerms
  extends Pick<
    AuthRole,
    | 'policies'
    | 'ttlSeconds'
    | 'maxTtlSeconds'
    | 'explicitMaxTtlSeconds'
    | 'periodSeconds'
    | 'numUses'
    | 'tokenType'
  > {
  /** For which the connection lets pods ask for their token; `undefined`: not known. */
  readonly askedAudience: string | undefined;
  /** One of which the role wants it to be for; empty: any that the server takes. */
  readonly audiences: readonly string[];
}

/** Why a Vault scope is held. */
export interface VaultVia {
  readonly login: Pick<VaultLogin, 'connection' | 'mount' | 'role'>;
  /** The policies whose rule it is; several where they say it for the very same pattern. */
  readonly policies: readonly string[];
}
