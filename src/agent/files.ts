/**
 * Puts the files in place as one set, in kubelet's own layout: `db.json` points at `..data/db.json`, `..data`
 * at a folder named by the time. Readers see the old set or the new one, never a mixture: renaming one
 * symbolic link is what swaps them. The set before stays until the next swap, for a reader that is on its way
 * through it.
 */
import { chmod, mkdtemp, readdir, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CountersignError } from '../core/errors.ts';

const current = '..data';
const draft = '..data_new';
const setName = /^\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\w+$/;

/**
 * Writes the files and gives the set's name. Fails with ERR_AGENT_FILES, and then nothing a reader sees has
 * changed.
 */
export async function writeSet(
  dir: string,
  files: ReadonlyMap<string, string>,
  nowMilliseconds: number,
): Promise<string> {
  const before = await linksIn(dir);
  await removeAll(dir, await setsBeside(dir));
  const folder = await newFolder(dir, nowMilliseconds);
  const name = basename(folder);
  const made: string[] = [];
  try {
    await fill(folder, files);
    for (const file of files.keys()) {
      if (before.includes(file)) continue;
      // Until the swap it leads nowhere.
      await symlink(join(current, file), join(dir, file));
      made.push(file);
    }
    await rm(join(dir, draft), { force: true });
    await symlink(name, join(dir, draft));
    await rename(join(dir, draft), join(dir, current));
  } catch (error) {
    await removeAll(dir, [...made, draft, name]);
    throw unwritable(dir, error);
  }
  await removeAll(
    dir,
    before.filter((file) => !files.has(file)),
  );
  return name;
}

/** Is this set in place, with all of these files? */
export async function isInPlace(dir: string, name: string, files: readonly string[]): Promise<boolean> {
  try {
    if ((await readlink(join(dir, current))) !== name) return false;
    await Promise.all(files.map((file) => stat(join(dir, file))));
    return true;
  } catch {
    return false;
  }
}

/** Named as kubelet names them: the time, and an end that is not taken. */
async function newFolder(dir: string, nowMilliseconds: number): Promise<string> {
  const time = new Date(nowMilliseconds).toISOString().slice(0, 19).replace(/[-T:]/g, '_');
  try {
    return await mkdtemp(join(dir, `..${time}.`));
  } catch (error) {
    throw unwritable(dir, error);
  }
}

async function fill(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [file, content] of files) {
    const path = join(folder, file);
    await writeFile(path, content, { flag: 'wx', mode: 0o400 });
    // The mount is the boundary: the containers may run as any user. Set apart from creation, which the umask
    // narrows.
    await chmod(path, 0o444);
  }
  await chmod(folder, 0o755);
}

/** The files that an earlier set shows. */
async function linksIn(dir: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    const links = entries.filter((entry) => entry.isSymbolicLink() && !entry.name.startsWith('..'));
    const targets = await Promise.all(
      links.map(async ({ name }) => ({ name, to: await readlink(join(dir, name)) })),
    );
    return targets.filter(({ name, to }) => to === join(current, name)).map(({ name }) => name);
  } catch (error) {
    throw unwritable(dir, error);
  }
}

/** All sets but the one that is shown. */
async function setsBeside(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir).catch(() => []);
  const seen = await readlink(join(dir, current)).catch(() => undefined);
  return entries.filter((entry) => setName.test(entry) && entry !== seen);
}

/** What can't be removed is in nobody's way. */
async function removeAll(dir: string, names: readonly string[]): Promise<void> {
  await Promise.allSettled(names.map((name) => rm(join(dir, name), { recursive: true, force: true })));
}

/** Half of a file that was to be written would only take room. */
export async function removeDraft(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

export function unwritable(dir: string, error: unknown): CountersignError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return new CountersignError('ERR_AGENT_FILES', `can't write into ${dir}: ${code}`);
}
