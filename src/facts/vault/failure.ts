import { CountersignError, type ErrorCode } from '../../core/errors.ts';
import { statusOf } from '../../vault/answer.ts';

/** Why something of Vault is not known. */
export const FAILURES = {
  NotYet: 'Vault has not been read yet',
  NoToken: 'the token for the login at Vault cannot be read',
  LoginRefused: 'Vault refuses our login',
  NotAllowed: 'Vault policies do not allow it',
  Refused: 'Vault refuses it',
  OtherMethod: 'the mount is of another auth method than configured',
  Sealed: 'Vault is sealed or a standby',
  Standby: 'Vault sends us to another server, as a standby does',
  Unreachable: 'Vault cannot be reached',
  Late: 'Vault does not answer in time',
  Untrusted: 'there is no trusted TLS connection to Vault',
  RateLimited: 'Vault answers no more questions for now',
  Misshapen: 'Vault answers with something unexpected',
} as const;

export type FailureCode = keyof typeof FAILURES;

export interface VaultFailure {
  readonly code: FailureCode;
  /** For people: a sentence, and what Vault said. */
  readonly why: string;
}

const OWN_CODES = {
  NoToken: 'ERR_CONFIG',
  LoginRefused: 'ERR_VAULT_REFUSED',
  NotAllowed: 'ERR_VAULT_REFUSED',
  Refused: 'ERR_VAULT_REFUSED',
  OtherMethod: 'ERR_VAULT_PROTOCOL',
  Misshapen: 'ERR_VAULT_PROTOCOL',
} as const satisfies Partial<Record<FailureCode, ErrorCode>>;

/** A failure of which the client knows no more than that something was refused, or nothing at all. */
export function vaultFailure(code: keyof typeof OWN_CODES, message: string): CountersignError {
  return new CountersignError(OWN_CODES[code], message, { cause: code });
}

const CODES: Readonly<Partial<Record<ErrorCode, FailureCode>>> = {
  ERR_DEADLINE: 'Late',
  ERR_TLS: 'Untrusted',
  ERR_VAULT_UNREACHABLE: 'Unreachable',
  ERR_VAULT_SEALED: 'Sealed',
  ERR_VAULT_RATE_LIMITED: 'RateLimited',
  ERR_VAULT_REDIRECT: 'Standby',
  ERR_VAULT_PROTOCOL: 'Misshapen',
  ERR_VAULT_REFUSED: 'Refused',
  ERR_CONFIG: 'Refused',
};

/** @throws what is no failure of Vault: a bug, or the reason of a signal. */
export function failureOf(error: unknown): VaultFailure {
  if (isTimeout(error)) return { code: 'Late', why: FAILURES.Late };
  const code = codeOf(error);
  if (code === undefined || !(error instanceof Error)) throw error;
  return { code, why: `${FAILURES[code]}: ${error.message}` };
}

/** Of `AbortSignal.timeout`. */
function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

function codeOf(error: unknown): FailureCode | undefined {
  if (!(error instanceof CountersignError)) return undefined;
  if (isFailureCode(error.cause)) return error.cause;
  return isForbidden(error) ? 'NotAllowed' : CODES[error.code];
}

function isFailureCode(cause: unknown): cause is FailureCode {
  return typeof cause === 'string' && Object.hasOwn(FAILURES, cause);
}

export function isForbidden(error: unknown): boolean {
  return statusOf(error) === 403;
}

const OF_ONE_THING: readonly FailureCode[] = ['NotAllowed', 'Refused', 'Misshapen'];

/** The failure, where it is of the one thing that was asked for. @throws all others: no other question would fare better. */
export function failureOfOne(error: unknown): VaultFailure {
  const failure = failureOf(error);
  if (!OF_ONE_THING.includes(failure.code)) throw error;
  return failure;
}
