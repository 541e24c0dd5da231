/**
 * A Vault policy, read: what its text says, before templates are filled in. Which rule wins where several match is said by
 * `acl.ts`.
 */

/** Vault's own words. `deny` beats every other; `subscribe` and `recover` are Vault's alone, `scan` is OpenBao's. */
export const CAPABILITIES = [
  'create',
  'read',
  'update',
  'patch',
  'delete',
  'list',
  'sudo',
  'deny',
  'subscribe',
  'recover',
  'scan',
] as const;

export type Capability = (typeof CAPABILITIES)[number];

export interface PathRule {
  /**
   * Vault's own pattern without the slash in front: `*` at the end, `+` for one segment; may hold `{{…}}`. Before a template
   * the slash stays until it is filled in, as with Vault.
   */
  readonly path: string;
  /** Sorted, without repetitions; `['deny']` alone where it is denied, since Vault then forgets the others. */
  readonly capabilities: readonly Capability[];
  /** What else has to be right for a request to pass: `required_parameters`, `max_wrapping_ttl` … Empty: nothing. */
  readonly constraints: readonly string[];
}

export interface PolicyText {
  /** Of the policy on the server. */
  readonly name: string;
  readonly rules: readonly PathRule[];
}
