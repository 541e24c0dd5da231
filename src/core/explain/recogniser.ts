import type { Reading } from './explanation.ts';

/** The named groups of a match; what took no part is absent. */
export type Groups = Readonly<Partial<Record<string, string>>>;

/** What else the text says, for readings that need more than their own match. */
export interface Surroundings {
  /** Of Vault's command line. */
  readonly vault: VaultRequest | undefined;
  /** The window in which the pattern matched. */
  readonly window: string;
}

export interface VaultRequest {
  readonly method: string;
  /** Without `/v1/`. */
  readonly path: string;
  readonly lists: boolean;
  readonly namespace: string | undefined;
}

/** One form of refusal. */
export interface Recogniser {
  readonly name: string;
  /** In lower case: without one of these the pattern is not tried. */
  readonly literals: readonly string[];
  /** Quantifiers are bounded, and no two that can take the same characters stand side by side. */
  readonly pattern: RegExp;
  /** `undefined`: on a closer look it is something else. */
  readonly read: (groups: Groups, around: Surroundings) => Reading | undefined;
}

/** A form that always means the same. */
export function always(
  name: string,
  literals: readonly string[],
  pattern: RegExp,
  reading: Reading,
): Recogniser {
  return { name, literals, pattern, read: () => reading };
}
