/** The shapes that Vault answers with, checked: a secret, a login, a token's own description, a renewal. */
import { CountersignError } from '../core/errors.ts';
import { isObject, type JsonObject, objectOf, textsOf } from '../core/json.ts';

export interface VaultSecret {
  /** `undefined`: nothing is there, or the answer has no content. */
  readonly data: JsonObject | undefined;
  readonly lease: VaultLease | undefined;
  readonly warnings: readonly string[];
}

export interface VaultLease {
  readonly id: string;
  readonly seconds: number;
  readonly renewable: boolean;
}

export interface VaultLogin {
  readonly token: string;
  /** Batch tokens have none. */
  readonly accessor: string | undefined;
  /** 0: it does not end by itself. */
  readonly ttlSeconds: number;
  readonly renewable: boolean;
}

export interface VaultTokenState {
  /** 0: it does not end by itself. */
  readonly ttlSeconds: number;
  readonly renewable: boolean;
}

/** What a token may look like: it goes into a header and a file. */
const tokenShape = /^[\x21-\x7e]{1,16384}$/;

export function isToken(value: unknown): value is string {
  return typeof value === 'string' && tokenShape.test(value);
}

export function secretOf(body: JsonObject | undefined, what: string): VaultSecret {
  const data = body?.['data'] ?? undefined;
  if (data !== undefined && !isObject(data)) throw misshapen(what, 'data');
  return { data, lease: leaseOf(objectOf(body), what), warnings: textsOf(body?.['warnings']) };
}

function leaseOf(body: JsonObject, what: string): VaultLease | undefined {
  const id = body['lease_id'] ?? '';
  if (typeof id !== 'string') throw misshapen(what, 'lease_id');
  // Without an id there is nothing to renew: KV version 1 only suggests when to read again.
  if (id === '') return undefined;
  return { id, seconds: secondsOf(body, 'lease_duration', what), renewable: body['renewable'] === true };
}

export function loginOf(body: JsonObject | undefined, what: string): VaultLogin {
  const auth = objectOf(body?.['auth']);
  const token = auth['client_token'];
  if (!isToken(token)) throw misshapen(what, 'auth.client_token');
  const accessor = auth['accessor'];
  return {
    token,
    accessor: typeof accessor === 'string' && accessor !== '' ? accessor : undefined,
    ttlSeconds: secondsOf(auth, 'lease_duration', what),
    renewable: auth['renewable'] === true,
  };
}

/** Of a token's renewal, which answers as a login does. */
export function renewedTokenOf(body: JsonObject | undefined, what: string): VaultTokenState {
  const auth = objectOf(body?.['auth']);
  return { ttlSeconds: secondsOf(auth, 'lease_duration', what), renewable: auth['renewable'] === true };
}

/** Of a lease's renewal: the lease as it is now. */
export function renewedLeaseOf(body: JsonObject | undefined, what: string): VaultLease {
  const lease = leaseOf(objectOf(body), what);
  if (lease === undefined) throw misshapen(what, 'lease_id');
  return lease;
}

/** Of a list. */
export function keysOf(body: JsonObject | undefined, what: string): readonly string[] {
  if (body === undefined) return [];
  const keys = objectOf(body['data'])['keys'];
  const texts = textsOf(keys);
  if (!Array.isArray(keys) || texts.length < keys.length) throw misshapen(what, 'keys');
  return texts;
}

export function tokenStateOf(body: JsonObject | undefined, what: string): VaultTokenState {
  const data = objectOf(body?.['data']);
  return { ttlSeconds: secondsOf(data, 'ttl', what), renewable: data['renewable'] === true };
}

function secondsOf(from: JsonObject, key: string, what: string): number {
  const seconds = from[key];
  if (typeof seconds !== 'number' || !Number.isSafeInteger(seconds) || seconds < 0)
    throw misshapen(what, key);
  return seconds;
}

function misshapen(what: string, field: string): CountersignError {
  return new CountersignError('ERR_VAULT_PROTOCOL', `vault answered to ${what} without a usable ${field}`);
}
