/** Folders in the cache that every clone on the machine shares: made once, by one process at a time, and whole or not at all. */
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { binariesDir } from './cluster/components.ts';
import { withLock } from './cluster/lock.ts';

const draft = '.fetch-';

/** The folder's path; `fill` puts into an empty one what belongs there. */
export async function cachedFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const dir = join(binariesDir(), name);
  if (await isThere(dir)) return dir;
  await mkdir(dirname(dir), { recursive: true });
  const { signal } = new AbortController();
  await withLock(`${dir}.lock`, { signal, onWait: () => undefined }, async () => {
    if (!(await isThere(dir))) await make(dir, fill);
  });
  return dir;
}

async function make(dir: string, fill: (folder: string) => Promise<void>): Promise<void> {
  await removeLeftovers(dir);
  const work = await mkdtemp(`${dir}${draft}`);
  try {
    await fill(work);
    await rename(work, dir);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Of processes that were killed. */
async function removeLeftovers(dir: string): Promise<void> {
  const names = await readdir(dirname(dir));
  const left = names.filter((name) => name.startsWith(`${basename(dir)}${draft}`));
  await Promise.all(left.map((name) => rm(join(dirname(dir), name), { recursive: true, force: true })));
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
