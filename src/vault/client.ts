/** The Vault client. A token belongs to a call, never to the client, so one client serves many identities. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CountersignError } from '../core/errors.ts';
import { type JsonObject, objectOf } from '../core/json.ts';
import { shown } from '../core/text.ts';
import { type Backoff, waitMilliseconds } from './backoff.ts';
import type { VaultEndpoint } from './endpoint.ts';
import {
  keysOf,
  loginOf,
  renewedLeaseOf,
  renewedTokenOf,
  secretOf,
  tokenStateOf,
  type VaultLease,
  type VaultLogin,
  type VaultSecret,
  type VaultTokenState,
} from './secret.ts';
import type { TransportLimits } from './transport.ts';
import { createVerbs, type VaultVerbs } from './verbs.ts';
import { type VaultWrapping, wrappingOn } from './wrapping.ts';

/** Every call fails with a CountersignError, or with the reason of its signal. */
export interface VaultClient extends VaultWrapping {
  /** Logs in by the kubernetes or the jwt method: both take a role and a JWT. Never retried here. */
  login(credentials: JwtCredentials, signal?: AbortSignal): Promise<VaultLogin>;
  read(path: string, token: string, signal?: AbortSignal): Promise<VaultSecret>;
  /** The names below a path, as Vault sorts them; none where nothing is there. */
  list(path: string, token: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** A question that Vault wants to be posted, and that changes nothing. */
  lookup(path: string, body: JsonObject, token: string, signal?: AbortSignal): Promise<VaultSecret>;
  /** Never retried here: it may have taken effect. */
  write(path: string, body: JsonObject, token: string, signal?: AbortSignal): Promise<VaultSecret>;
  lookupSelf(token: string, signal?: AbortSignal): Promise<VaultTokenState>;
  /**
   * For as long as its role says; near the token's maximum for less.
   * @param incrementSeconds instead of what its role says.
   */
  renewSelf(token: string, signal?: AbortSignal, incrementSeconds?: number): Promise<VaultTokenState>;
  renewLease(id: string, token: string, signal?: AbortSignal): Promise<VaultLease>;
  /** With the token end its leases. */
  revokeSelf(token: string, signal?: AbortSignal): Promise<void>;
  /** The public keys of the identity engine, as a JSON Web Key Set; they are asked for without a token. */
  identityKeys(signal?: AbortSignal): Promise<JsonObject>;
  /** Ends the connections that are open; a later call makes new ones. */
  close(): void;
}

interface JwtCredentials {
  /** Mount of the auth method, without `auth/`. */
  readonly mount: string;
  readonly role: string;
  readonly jwt: string;
}

export interface VaultClientOptions extends TransportLimits {
  /** How often a read is tried. */
  readonly readAttempts: number;
  readonly random: () => number;
}

const defaults: VaultClientOptions = {
  deadlineMilliseconds: 10_000,
  answerBytes: 4 * 1024 * 1024,
  readAttempts: 3,
  random: Math.random,
};
const readBackoff: Backoff = { baseMilliseconds: 100, capMilliseconds: 2_000 };

/** Throws ERR_CONFIG when the endpoint can't be used. Connects when first called. */
export function createVaultClient(
  endpoint: VaultEndpoint,
  options: Partial<VaultClientOptions> = {},
): VaultClient {
  const settings = { ...defaults, ...options };
  const verbs = createVerbs(endpoint, settings);
  return {
    async login({ mount, role, jwt }, signal) {
      const call = {
        what: shown(`the login at auth/${mount} as role ${role}`),
        mayBeAbsent: false,
        secrets: [jwt],
      };
      const request = { call, token: undefined, signal };
      return loginOf(await verbs.post(`auth/${mount}/login`, { role, jwt }, request), call.what);
    },
    async read(path, token, signal) {
      return secretOf(await read(verbs, settings, { path, token, signal }), reading(path));
    },
    async list(path, token, signal) {
      const call = { what: shown(`list ${path}`), mayBeAbsent: true, secrets: [token] };
      const list = () => verbs.list(path, { call, token, signal });
      return keysOf(await untilAnswered(list, settings, signal), call.what);
    },
    async lookup(path, body, token, signal) {
      const call = { what: reading(path), mayBeAbsent: true, secrets: [token] };
      const ask = () => verbs.post(path, body, { call, token, signal });
      return secretOf(await untilAnswered(ask, settings, signal), call.what);
    },
    async write(path, body, token, signal) {
      const request = writing(path, token, signal);
      return secretOf(await verbs.post(path, body, request), request.call.what);
    },
    async lookupSelf(token, signal) {
      const path = 'auth/token/lookup-self';
      return tokenStateOf(await read(verbs, settings, { path, token, signal }), reading(path));
    },
    async renewSelf(token, signal, incrementSeconds) {
      const path = 'auth/token/renew-self';
      const request = writing(path, token, signal);
      const body = incrementSeconds === undefined ? {} : { increment: `${Math.ceil(incrementSeconds)}s` };
      return renewedTokenOf(await verbs.post(path, body, request), request.call.what);
    },
    async renewLease(id, token, signal) {
      const path = 'sys/leases/renew';
      const request = writing(path, token, signal);
      return renewedLeaseOf(await verbs.post(path, { lease_id: id }, request), request.call.what);
    },
    async identityKeys(signal) {
      const path = 'identity/oidc/.well-known/keys';
      return objectOf(await read(verbs, settings, { path, token: undefined, signal }));
    },
    async revokeSelf(token, signal) {
      const path = 'auth/token/revoke-self';
      await verbs.post(path, {}, writing(path, token, signal));
    },
    ...wrappingOn(verbs),
    close() {
      verbs.close();
    },
  };
}

interface Reading {
  readonly path: string;
  readonly token: string | undefined;
  readonly signal: AbortSignal | undefined;
}

function read(
  verbs: VaultVerbs,
  settings: VaultClientOptions,
  { path, token, signal }: Reading,
): Promise<JsonObject | undefined> {
  const call = { what: reading(path), mayBeAbsent: true, secrets: token === undefined ? [] : [token] };
  return untilAnswered(() => verbs.get(path, { call, token, signal }), settings, signal);
}

/** Asks again, a few times: only for what changes nothing. */
async function untilAnswered(
  ask: () => Promise<JsonObject | undefined>,
  { readAttempts, random }: VaultClientOptions,
  signal: AbortSignal | undefined,
): Promise<JsonObject | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const wait = attempt + 1 < readAttempts ? waitBefore(error, attempt, random()) : undefined;
      if (wait === undefined) throw error;
      await sleep(wait, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

/** `undefined`: asking again is of no use, or not soon. */
function waitBefore(error: unknown, attempt: number, random: number): number | undefined {
  if (!(error instanceof CountersignError) || !error.retryable) return undefined;
  const wait = waitMilliseconds(readBackoff, attempt, random, error.retryAfterSeconds);
  return wait <= readBackoff.capMilliseconds ? wait : undefined;
}

function reading(path: string): string {
  return shown(`read ${path}`);
}

function writing(path: string, token: string, signal: AbortSignal | undefined) {
  return { call: { what: shown(`write ${path}`), mayBeAbsent: false, secrets: [token] }, token, signal };
}
