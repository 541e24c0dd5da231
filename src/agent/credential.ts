/** One credential: asked of Vault, unwrapped, and held to what a file can carry without changing it. */
import type { AgentCredential } from '../core/inject/agent-config.ts';
import { PREFIX } from '../core/inject/annotations.ts';
import { isObject, type JsonObject, objectOf } from '../core/json.ts';
import { shown } from '../core/text.ts';
import type { VaultClient } from '../vault/client.ts';
import type { VaultLease, VaultSecret } from '../vault/secret.ts';
import { type Attempt, failureOf, final } from './failure.ts';
import type { AgentHost } from './host.ts';

export interface Fetched {
  readonly name: string;
  readonly data: JsonObject;
  readonly lease: HeldLease | undefined;
}

export interface HeldLease extends VaultLease {
  /** Seconds since 1970. */
  readonly expiresAt: number;
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
  const odd = unfaithful(data, maxDepth);
  if (odd !== undefined) return { failures: [final('content', where, `${shown(path)}: ${odd}`)] };
  const { lease } = secret;
  const expiresAt = Math.floor(host.now() / 1000) + (lease?.seconds ?? 0);
  return { value: { name, data, lease: lease && { ...lease, expiresAt } } };
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
