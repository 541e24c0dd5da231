/** The ways in which the agent gives up, and the exit code of each: they are part of its interface. */
import { CountersignError } from '../core/errors.ts';

export const exitCodes = {
  /** The configuration, or the service-account token, can't be used. */
  config: 10,
  /** Vault answered the login with a no. */
  login: 11,
  /** Vault did not answer, is sealed, or answered with something else than Vault does. */
  unreachable: 12,
  /** Vault refused a credential, or there is none at its path. */
  credential: 13,
  /** A file asks for a field that its credential does not have. */
  content: 14,
  /** The files could not be written. */
  files: 15,
  /** Somebody else has had the wrapping token. Its cause is the whole line that is reported. */
  alarm: 16,
} as const;

export type FailureKind = keyof typeof exitCodes;

export interface Failure {
  readonly kind: FailureKind;
  /** What to look at: `countersign.dev/credential.db`. */
  readonly where: string;
  /** Holds no secret. */
  readonly cause: string;
  readonly retryable: boolean;
  readonly retryAfterSeconds?: number | undefined;
}

/** What a step gives, or everything that kept it from giving it. */
export type Attempt<T> = { readonly value: T } | { readonly failures: readonly Failure[] };

/** A failure that lies in what was asked for or answered, not in reaching Vault. */
export function final(kind: FailureKind, where: string, cause: string): Failure {
  return { kind, where, cause, retryable: false };
}

/**
 * What became of a call to Vault; `refused` is what a no from Vault means for the step. Rethrows what is no
 * failure of a call.
 */
export function failureOf(error: unknown, where: string, refused: 'login' | 'credential'): Failure {
  if (!(error instanceof CountersignError)) throw error;
  const { message: cause, retryable, retryAfterSeconds } = error;
  return { kind: kindOf(error, refused), where, cause, retryable, retryAfterSeconds };
}

function kindOf(error: CountersignError, refused: FailureKind): FailureKind {
  if (error.code === 'ERR_VAULT_REFUSED') return refused;
  return error.code === 'ERR_CONFIG' ? 'config' : 'unreachable';
}

/** The exit code of a run that ended with these: a no counts before silence, which may have many causes. */
export function exitCodeOf(failures: readonly Failure[]): number {
  const first = failures.find((failure) => failure.kind !== 'unreachable') ?? failures[0];
  return first === undefined ? 0 : exitCodes[first.kind];
}

export function sentence(failures: readonly Failure[]): string {
  return failures.map(({ where, cause }) => `${where}: ${cause}`).join('; ');
}
