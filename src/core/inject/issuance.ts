/** How a pod gets its Vault token: it logs in by itself, or is given one, response-wrapped, at admission. */
export type Issuance = LoginIssuance | WrappedIssuance;

export interface LoginIssuance {
  readonly kind: 'login';
}

export interface WrappedIssuance {
  readonly kind: 'wrapped';
  /** Of Vault's token store. */
  readonly tokenRole: string;
  /** What the agent does where the wrapping token is of no use any more. */
  readonly fallback: 'login' | 'none';
}

/** What Vault gave. */
export interface Minted {
  /** Of one use: whoever has it first gets the token that it stands for. */
  readonly wrappingToken: string;
  /** Of the token inside, which can be revoked by it. */
  readonly accessor: string;
  /** When the wrapping token ends, in seconds since 1970. */
  readonly expiresAtSeconds: number;
}

/**
 * Stands in where nothing is minted: on a dry-run, and while it is only asked whether a plan is possible. Always the same,
 * and expired: an agent that meets it does as with any other that came too late.
 */
export const PLACEHOLDER: Minted = { wrappingToken: 'dry-run', accessor: 'dry-run', expiresAtSeconds: 0 };

/** What Vault says of a wrapping token that was made by the token role. */
export function creationPath(tokenRole: string): string {
  return `auth/token/create/${tokenRole}`;
}
