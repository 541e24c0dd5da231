/** Looks for values that must be nowhere: in every file of a folder, however it is written. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * The files below `folder`, relative to it, that hold one of `values`, but for those in the folders `except`. Raw
 * bytes, so that a database's files and a log's are looked at alike.
 */
export async function filesWith(
  folder: string,
  values: readonly string[],
  except: readonly string[] = [],
): Promise<readonly string[]> {
  const needles = values.flatMap((value) => [
    value,
    Buffer.from(value).toString('base64').replace(/=+$/u, ''),
  ]);
  const found: string[] = [];
  async function look(at: string): Promise<void> {
    if (except.includes(relative(folder, at))) return;
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) await look(path);
      else if (entry.isFile() && (await hasOne(path, needles))) found.push(relative(folder, path));
    }
  }
  await look(folder);
  return found;
}

/** A file that is gone by now holds nothing. */
async function hasOne(path: string, needles: readonly string[]): Promise<boolean> {
  const content = await readFile(path).catch(() => Buffer.alloc(0));
  return needles.some((needle) => content.includes(needle));
}
