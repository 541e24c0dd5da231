/**
 * What one run leaves for the next in the pod's own memory volume: the Vault token, and every leased
 * credential, so that a restarted container neither logs in twice nor takes out a second lease. Readable by
 * the agent's user alone.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, type JsonObject, listOf, objectOf } from '../core/json.ts';
import { isToken } from '../vault/secret.ts';
import type { Fetched, HeldLease } from './credential.ts';
import { unwritable } from './files.ts';

export interface AgentState {
  /** SHA-256 of the configuration that it was made for. */
  readonly digest: string;
  readonly session: Session | undefined;
  readonly leased: readonly Leased[];
  /** The set of files that is in place, by its folder's name. */
  readonly set: string | undefined;
}

export interface Session {
  readonly token: string;
  readonly accessor: string | undefined;
  readonly renewable: boolean;
  /** Seconds since 1970; `undefined`: it does not end by itself. */
  readonly expiresAt: number | undefined;
}

/** A credential with a lease, which it would cost something to fetch again. */
export interface Leased extends Fetched {
  readonly lease: HeldLease;
}

const fileName = 'state.json';

/** Fails with ERR_AGENT_FILES. */
export async function saveState(dir: string, state: AgentState): Promise<void> {
  const path = join(dir, fileName);
  const draft = `${path}.new`;
  try {
    await rm(draft, { force: true });
    await writeFile(draft, JSON.stringify({ version: 1, ...state }), { mode: 0o600, flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    throw unwritable(dir, error);
  }
}

/** `undefined`: there is none for this configuration, or none that can be read; a run then starts afresh. */
export async function loadState(dir: string, digest: string): Promise<AgentState | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(dir, fileName), 'utf8'));
    const root = objectOf(value);
    if (root['version'] !== 1 || root['digest'] !== digest) return undefined;
    const set = root['set'];
    return {
      digest,
      session: sessionOf(objectOf(root['session'])),
      leased: listOf(root['leased']).flatMap(leasedOf),
      set: typeof set === 'string' ? set : undefined,
    };
  } catch {
    return undefined;
  }
}

function sessionOf(session: JsonObject): Session | undefined {
  const { token, accessor, renewable, expiresAt } = session;
  if (!isToken(token)) return undefined;
  if (expiresAt !== undefined && typeof expiresAt !== 'number') return undefined;
  return {
    token,
    accessor: typeof accessor === 'string' ? accessor : undefined,
    renewable: renewable === true,
    expiresAt,
  };
}

function leasedOf(value: unknown): readonly Leased[] {
  const { name, data, lease } = objectOf(value);
  const { id, seconds, renewable, expiresAt } = objectOf(lease);
  if (typeof name !== 'string' || !isObject(data)) return [];
  if (typeof id !== 'string' || typeof seconds !== 'number' || typeof expiresAt !== 'number') return [];
  return [{ name, data, lease: { id, seconds, renewable: renewable === true, expiresAt } }];
}
