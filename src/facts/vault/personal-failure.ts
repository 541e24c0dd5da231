import { CountersignError } from '../../core/errors.ts';
import { shown } from '../../core/text.ts';
import type { VaultEndpoint } from '../../vault/endpoint.ts';
import { type FailureCode, failureOf, isForbidden, type VaultFailure } from './failure.ts';

/** What a person does next, where there is something. */
const NEXT: Readonly<Partial<Record<FailureCode, string>>> = {
  LoginRefused: 'vault login gets another one',
  NotAllowed:
    'your token needs the reading policy of docs/vault.md for this mount; --vault-auth-mount names another (vault auth list)',
  Refused: '--vault-auth-mount names another mount (vault auth list)',
  Sealed: 'try again when it is unsealed and active',
  Standby: 'set VAULT_ADDR to the active server',
  Unreachable: 'check VAULT_ADDR, and that this machine may reach it',
  Late: 'check VAULT_ADDR, and that this machine may reach it',
  Untrusted:
    'VAULT_CACERT names the file with the certificate of its authority; certificates are always verified',
  RateLimited: 'try again in a moment',
  Misshapen: 'check that VAULT_ADDR is a Vault',
};

const NOT_TAKEN: VaultFailure = { code: 'LoginRefused', why: 'Vault does not take your token' };

interface Where {
  /** Of the connection. */
  readonly name: string;
  readonly endpoint: Pick<VaultEndpoint, 'address'>;
}

/** It says already what to do. */
class PersonalFailure extends CountersignError {}

export function personalFailure({ code, why }: VaultFailure, { name, endpoint }: Where): CountersignError {
  const next = NEXT[code];
  const where = `Vault connection ${name} at ${shown(endpoint.address, 200)}`;
  const text = `${where}: ${why}${next === undefined ? '' : `; ${next}`}`;
  return new PersonalFailure('ERR_VAULT_REFUSED', text);
}

/**
 * Vault says the same of a token that it does not know, and of one that may not ask.
 * @param lookupSelf asks for the token itself
 */
export async function toldFailure(
  error: unknown,
  lookupSelf: () => Promise<unknown>,
  where: Where,
): Promise<unknown> {
  if (error instanceof PersonalFailure) return error;
  if (error instanceof CountersignError && error.code === 'ERR_CONFIG') return error;
  const failure = failureOf(error);
  const known = failure.code !== 'NotAllowed' || (await isTaken(lookupSelf));
  return personalFailure(known ? failure : NOT_TAKEN, where);
}

/** As far as it is known. */
async function isTaken(lookupSelf: () => Promise<unknown>): Promise<boolean> {
  try {
    await lookupSelf();
    return true;
  } catch (error) {
    return !isForbidden(error);
  }
}
