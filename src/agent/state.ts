/**
 * What one run leaves for the next in the pod's own memory volume: the Vault token, every credential with its
 * lease, what is in place. So a restarted container neither logs in twice nor takes out a second lease, and
 * the sidecar goes on where init ended. Readable by the agent's user alone.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CountersignError } from '../core/errors.ts';
import { isObject, type JsonObject, listOf, objectOf, textOf, textsOf } from '../core/json.ts';
import { isToken } from '../vault/secret.ts';
import type { Fetched } from './credential.ts';
import { removeDraft, unwritable } from './files.ts';
import type { Issued } from './identity.ts';
import type { Placed } from './place.ts';
import { maxStateBytes, stateProblem } from './room.ts';
import type { Session } from './session.ts';
import type { Term } from './term.ts';

export interface AgentState {
  /** SHA-256 of the configuration that it was made for. */
  readonly digest: string;
  readonly session: Session | undefined;
  readonly credentials: readonly Fetched[];
  readonly identities: readonly Issued[];
  /** Tokens that have been replaced, and still live. */
  readonly retired: readonly Retired[];
  /** What the containers see. */
  readonly placed: Placed | undefined;
}

export interface Retired {
  readonly token: string;
  readonly expiresAt: number | undefined;
  /** Credentials whose lease ends with it, as long as no other is in their place. */
  readonly waitsFor: readonly string[];
  /** Seconds since 1970; `undefined`: it is still needed. */
  readonly revokeAt: number | undefined;
}

const fileName = 'state.json';
const version = 2;

/** Fails with ERR_AGENT_FILES. */
export async function saveState(dir: string, state: AgentState): Promise<void> {
  const path = join(dir, fileName);
  const draft = `${path}.new`;
  const text = JSON.stringify({ version, ...state });
  if (Buffer.byteLength(text) > maxStateBytes) {
    throw new CountersignError('ERR_AGENT_FILES', stateProblem(state.credentials));
  }
  try {
    await rm(draft, { force: true });
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    await removeDraft(draft);
    throw unwritable(dir, error);
  }
}

/** `undefined`: there is none for this configuration, or none that can be read; a run then starts afresh. */
export async function loadState(dir: string, digest: string): Promise<AgentState | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(dir, fileName), 'utf8'));
    const root = objectOf(value);
    if (root['version'] !== version || root['digest'] !== digest) return undefined;
    return {
      digest,
      session: sessionOf(objectOf(root['session'])),
      credentials: listOf(root['credentials']).flatMap(fetchedOf),
      identities: listOf(root['identities']).flatMap(issuedOf),
      retired: listOf(root['retired']).flatMap(retiredOf),
      placed: placedOf(objectOf(root['placed'])),
    };
  } catch {
    return undefined;
  }
}

function sessionOf(session: JsonObject): Session | undefined {
  const { token, accessor, renewable, seconds } = session;
  const term = termIn(session);
  if (!isToken(token) || typeof seconds !== 'number' || term === undefined) return undefined;
  return {
    token,
    accessor: textOf(accessor),
    renewable: renewable === true,
    seconds,
    ...(session['wrapped'] === true && { wrapped: true }),
    ...term,
  };
}

function fetchedOf(value: unknown): readonly Fetched[] {
  const { name, data, lease, ...rest } = objectOf(value);
  const term = termIn(rest);
  if (typeof name !== 'string' || !isObject(data) || term === undefined) return [];
  if (lease === undefined) return [{ name, data, lease, ...term }];
  const { id, seconds, renewable } = objectOf(lease);
  if (typeof id !== 'string' || typeof seconds !== 'number') return [];
  return [{ name, data, lease: { id, seconds, renewable: renewable === true }, ...term }];
}

function issuedOf(value: unknown): readonly Issued[] {
  const { file, jwt, ...rest } = objectOf(value);
  const term = termIn(rest);
  if (typeof file !== 'string' || typeof jwt !== 'string' || term === undefined) return [];
  return [{ file, jwt, ...term }];
}

function retiredOf(value: unknown): readonly Retired[] {
  const { token, expiresAt, waitsFor, revokeAt } = objectOf(value);
  if (!isToken(token) || !isTime(expiresAt) || !isTime(revokeAt)) return [];
  return [{ token, expiresAt, waitsFor: textsOf(waitsFor), revokeAt }];
}

function placedOf({ set, files, env }: JsonObject): Placed | undefined {
  if (typeof files !== 'string') return undefined;
  return { set: textOf(set), files, env: textOf(env) };
}

function termIn({ expiresAt, dueAt }: JsonObject): Term | undefined {
  return isTime(expiresAt) && isTime(dueAt) ? { expiresAt, dueAt } : undefined;
}

function isTime(value: unknown): value is number | undefined {
  return value === undefined || typeof value === 'number';
}
