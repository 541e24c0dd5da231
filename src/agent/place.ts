/** Puts outputs in place: the env file beside the set of files, both written whole before either is shown. */
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ENV_FILE } from '../core/inject/names.ts';
import { isInPlace, removeDraft, unwritable, writeSet } from './files.ts';
import type { AgentHost } from './host.ts';
import { digestOf, type Outputs } from './outputs.ts';

/** What was put in place. */
export interface Placed {
  /** Name of the set's folder; `undefined`: no file was asked for, and there may be no volume for one. */
  readonly set: string | undefined;
  /** Digests of what it holds. */
  readonly files: string;
  readonly env: string | undefined;
}

/** Fails with ERR_AGENT_FILES, and then nothing that a reader sees has changed. */
export async function place(host: AgentHost, { files, env }: Outputs): Promise<Placed> {
  const { envDir, filesDir } = host.places;
  const draft = env === undefined ? undefined : await draftIn(envDir, env);
  let set: string | undefined;
  try {
    set = files.size === 0 ? undefined : await writeSet(filesDir, files, host.now());
  } catch (error) {
    if (draft !== undefined) await rm(draft, { force: true });
    throw error;
  }
  if (draft !== undefined) await rename(draft, join(envDir, ENV_FILE));
  return { set, files: digestOf(files), env: env === undefined ? undefined : digestOf(env) };
}

/** Are just these outputs in place already? */
export async function isPlaced(
  host: AgentHost,
  placed: Placed | undefined,
  { files, env }: Outputs,
): Promise<boolean> {
  if (placed === undefined || placed.files !== digestOf(files)) return false;
  if (placed.env !== (env === undefined ? undefined : digestOf(env))) return false;
  const { set } = placed;
  if (set !== undefined && !(await isInPlace(host.places.filesDir, set, [...files.keys()]))) return false;
  return env === undefined || exists(join(host.places.envDir, ENV_FILE));
}

/** For the agent's user, and for kubelet, which is root. */
async function draftIn(dir: string, env: string): Promise<string> {
  const draft = join(dir, `${ENV_FILE}.new`);
  try {
    await rm(draft, { force: true });
    await writeFile(draft, env, { mode: 0o400, flag: 'wx' });
    return draft;
  } catch (error) {
    await removeDraft(draft);
    throw unwritable(dir, error);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
