/**
 * Response wrapping (https://developer.hashicorp.com/vault/docs/concepts/response-wrapping): Vault keeps what it would have
 * answered, and answers with a token of one use that stands for it.
 */
import { CountersignError } from '../core/errors.ts';
import { isObject, type JsonObject, objectOf, textOf } from '../core/json.ts';
import { shown } from '../core/text.ts';
import { statusOf } from './answer.ts';
import { isToken, loginOf, type VaultLogin } from './secret.ts';
import type { VaultVerbs } from './verbs.ts';

export interface VaultWrapping {
  /** A new token of a token role, wrapped. Never retried: it may have taken effect. */
  createWrapped(asked: AskedToken, token: string, signal?: AbortSignal): Promise<WrappedToken>;
  /** Where that was made for which a wrapping token stands; `undefined`: Vault knows no such wrapping token (any more). */
  creationPathOf(wrappingToken: string, signal?: AbortSignal): Promise<string | undefined>;
  /** The token that was wrapped; `undefined`: as above. Never retried: it may have taken effect. */
  unwrap(wrappingToken: string, signal?: AbortSignal): Promise<VaultLogin | undefined>;
  /** Ends a token, and whatever was made with it, that nobody here has seen. It may have ended before. */
  revokeAccessor(accessor: string, token: string, signal?: AbortSignal): Promise<void>;
}

export interface AskedToken {
  /** `auth/token/create/ROLE`. */
  readonly path: string;
  readonly ttlSeconds: number;
  readonly wrapTtlSeconds: number;
  readonly displayName: string;
  /** For Vault's audit log. */
  readonly meta: Readonly<Record<string, string>>;
}

export interface WrappedToken {
  readonly wrappingToken: string;
  /** Of the token inside. */
  readonly accessor: string;
  /** When the wrapping token ends by Vault's clock, in seconds since 1970. */
  readonly expiresAtSeconds: number;
}

export function wrappingOn(verbs: VaultVerbs): VaultWrapping {
  return {
    async createWrapped({ path, ttlSeconds, wrapTtlSeconds, displayName, meta }, token, signal) {
      const call = { what: shown(`write ${path}`), mayBeAbsent: false, secrets: [token] };
      const body = { ttl: `${ttlSeconds}s`, renewable: true, display_name: displayName, meta };
      return wrappedOf(await verbs.post(path, body, { call, token, signal, wrapTtlSeconds }), path);
    },
    async creationPathOf(wrappingToken, signal) {
      const path = 'sys/wrapping/lookup';
      const call = { what: `write ${path}`, mayBeAbsent: false, secrets: [wrappingToken] };
      const request = { call, token: undefined, signal };
      const body = await unlessSpent(verbs.post(path, { token: wrappingToken }, request));
      if (body === undefined) return undefined;
      const made = textOf(objectOf(body['data'])['creation_path']);
      if (made === undefined) throw misshapen(path, 'creation_path');
      return made;
    },
    async unwrap(wrappingToken, signal) {
      const path = 'sys/wrapping/unwrap';
      const call = { what: `write ${path}`, mayBeAbsent: false, secrets: [wrappingToken] };
      const body = await unlessSpent(verbs.post(path, {}, { call, token: wrappingToken, signal }));
      return body && loginOf(body, call.what);
    },
    async revokeAccessor(accessor, token, signal) {
      const path = 'auth/token/revoke-accessor';
      const call = { what: `write ${path}`, mayBeAbsent: false, secrets: [token, accessor] };
      await verbs.post(path, { accessor }, { call, token, signal });
    },
  };
}

/** That a wrapping token is not known, whatever the reason, is 400 and nothing else (OpenBao 2.7 and Vault 1.19). */
async function unlessSpent(answer: Promise<JsonObject | undefined>): Promise<JsonObject | undefined> {
  try {
    return (await answer) ?? {};
  } catch (error) {
    if (statusOf(error) === 400) return undefined;
    throw error;
  }
}

/** What may stand in the environment of a container as it is: Kubernetes expands `$`, and a record of it is one word. */
const WORD = /^[\w.-]{8,4096}$/;

function wrappedOf(body: JsonObject | undefined, path: string): WrappedToken {
  const info = body?.['wrap_info'];
  // A token that came without a wrapper must go nowhere.
  if (!isObject(info)) throw misshapen(path, 'wrap_info');
  const { token, wrapped_accessor: accessor, ttl, creation_time: created } = info;
  const createdAt = Date.parse(textOf(created) ?? '');
  if (!isToken(token) || !WORD.test(token)) throw misshapen(path, 'wrap_info.token');
  // Batch tokens have none, and could not be revoked.
  if (typeof accessor !== 'string' || !WORD.test(accessor)) throw misshapen(path, 'wrapped_accessor');
  if (typeof ttl !== 'number' || !Number.isSafeInteger(ttl)) throw misshapen(path, 'wrap_info.ttl');
  if (Number.isNaN(createdAt)) throw misshapen(path, 'creation_time');
  if (info['creation_path'] !== path) throw misshapen(path, 'creation_path');
  return { wrappingToken: token, accessor, expiresAtSeconds: Math.floor(createdAt / 1000) + ttl };
}

function misshapen(path: string, field: string): CountersignError {
  return new CountersignError(
    'ERR_VAULT_PROTOCOL',
    shown(`vault answered to write ${path} without a usable ${field}`),
  );
}
