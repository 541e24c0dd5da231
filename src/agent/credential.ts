/** One credential: asked of Vault, unwrapped, and held to what a file can carry without changing it. */
import type { AgentCredential } from '../core/inject/agent-config.ts';
import { PREFIX } from '../core/inject/annotations.ts';
import { isObject, type JsonObject, objectOf } from '../core/json.ts';
import { shown } from '../core/text.ts';
import type { VaultClient } from '../vault/client.ts';
import type { VaultLease, VaultSecret } from '../vault/secret.ts';
import { type Attempt, failureOf, final } from './failure.ts';
import type { AgentHost } from './host.ts';
import { credentialProblem } from './room.ts';
import { type Clock, endless, refreshTerm, secondsNow, type Term, termOf } from './term.ts';

export interface Fetched extends Term {
  readonly name: string;
  readonly data: JsonObject;
  /** `undefined` too when the token that it was taken out with is being replaced. */
  readonly lease: VaultLease | undefined;
}

const maxDepth = 64;

export async function fetchCredential(
  host: AgentHost,
  vault: VaultClient,
  credential: AgentCredential,
  token: string,
): Promise<Attempt<Fetched>> {
  const { name, path, operation, parameters } = credential;
  const where = `${PREFIX}credential.${name}`;
  let secret: VaultSecret;
  try {
    secret =
      operation === 'read'
        ? await vault.read(path, token, host.signal)
        : await vault.write(path, parameters, token, host.signal);
  } catch (error) {
    return { failures: [failureOf(error, where, 'credential')] };
  }
  const data = unwrap(credential, secret);
  if (typeof data === 'string') return { failures: [final('credential', where, `${shown(path)}: ${data}`)] };
  const odd = unfaithful(data, maxDepth) ?? credentialProblem(data);
  if (odd !== undefined) return { failures: [final('content', where, `${shown(path)}: ${odd}`)] };
  const { lease } = secret;
  return { value: { name, data, lease, ...termOfSecret(host, credential, data, lease) } };
}

/**
 * A lease says how long a secret lasts. Without one some engines say it in their fields: `expiration` of an
 * issued certificate, `ttl` until the next rotation of a static role.
 */
function termOfSecret(
  clock: Clock,
  { operation, kv2, refreshSeconds }: AgentCredential,
  data: JsonObject,
  lease: VaultLease | undefined,
): Term {
  if (lease !== undefined) return termOf(clock, lease.seconds);
  const { expiration, ttl, rotation_period: period } = data;
  const refresh = refreshSeconds === undefined ? endless : refreshTerm(clock, refreshSeconds);
  if (operation === 'write' && isSeconds(expiration) && expiration > secondsNow(clock)) {
    return sooner(termOf(clock, expiration - secondsNow(clock)), refresh);
  }
  if (operation === 'read' && !kv2 && isSeconds(ttl) && isSeconds(period)) {
    // The old value ends when the new one is there: asking earlier would only bring the old one.
    const dueAt = secondsNow(clock) + Math.max(ttl, 1) + 1 + clock.random();
    return sooner({ expiresAt: undefined, dueAt }, refresh);
  }
  return refresh;
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function sooner({ expiresAt, dueAt }: Term, refresh: Term): Term {
  const ends = [dueAt, refresh.dueAt].filter((end) => end !== undefined);
  return { expiresAt, dueAt: Math.min(...ends) };
}

/** The fields, or why there are none. */
function unwrap({ kv2, operation }: AgentCredential, secret: VaultSecret): JsonObject | string {
  const { data, warnings } = secret;
  if (data === undefined) {
    const hint = warnings[0] === undefined ? '' : `; vault says: ${shown(warnings[0], 200)}`;
    return `vault has nothing there${hint}`;
  }
  if (!kv2 || operation === 'write') return Object.keys(data).length === 0 ? 'the secret has no field' : data;
  const inner = data['data'];
  if (isObject(inner)) return Object.keys(inner).length === 0 ? 'the secret has no field' : inner;
  const metadata = data['metadata'];
  if (!isObject(metadata)) return 'the answer is not one of a KV version 2 mount';
  const fate = metadata['destroyed'] === true ? 'destroyed' : 'deleted';
  return `its version ${Number(metadata['version'])} is ${fate}`;
}

/**
 * A value that reading JSON has already changed (a number with more digits than a double holds) or that UTF-8
 * can't carry. A credential that is nearly right is worse than none.
 */
function unfaithful(value: unknown, depth: number): string | undefined {
  if (depth === 0) return `its fields are nested deeper than ${maxDepth}`;
  if (typeof value === 'string')
    return value.isWellFormed() ? undefined : 'a field holds text that is not Unicode';
  if (typeof value === 'number') {
    const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
    return exact ? undefined : 'a field holds a number too large to be exact: store it as text';
  }
  for (const item of Array.isArray(value) ? value : Object.values(objectOf(value))) {
    const problem = unfaithful(item, depth - 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
