/**
 * One builder at a time for everybody on the machine. The lock is a file that names its holder; a holder that died or
 * stopped touching it loses it. In the worst race two builders work at once, which costs time and nothing else, since
 * every result is renamed into place.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, isAlive } from './system.ts';

const pollMilliseconds = 250;
const touchMilliseconds = 10_000;
const staleMilliseconds = 60_000;

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called on every look at a lock that somebody else holds. */
  readonly onWait: (holder: number) => void;
}

/** Runs `work` while this process holds the lock at `path`, whose folder exists. */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const claim = `${process.pid} ${randomUUID()}`;
  for (let holder = await take(path, claim); holder !== undefined; holder = await take(path, claim)) {
    options.onWait(holder);
    await sleep(pollMilliseconds, undefined, { signal: options.signal });
  }
  const touching = setInterval(() => void touch(path), touchMilliseconds);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    if ((await read(path)) === claim) await rm(path, { force: true });
  }
}

/** The holder's pid; `undefined` when the lock is ours now. */
async function take(path: string, claim: string): Promise<number | undefined> {
  const candidate = `${path}.${claim.split(' ')[1]}`;
  await writeFile(candidate, claim);
  try {
    for (;;) {
      if (await linked(candidate, path)) return undefined;
      const holder = await read(path);
      if (holder === undefined) continue;
      const pid = Number.parseInt(holder, 10);
      if (!(await isStale(path, pid))) return pid;
      await putAside(path, holder, `${candidate}.stale`);
    }
  } finally {
    await rm(candidate, { force: true });
  }
}

/** A link appears with its content or not at all, unlike a file that is created and then written. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Between the look and the rename another process may have taken the lock over: then it gets it back. */
async function putAside(path: string, seen: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await read(aside)) !== seen) await linked(aside, path);
  await rm(aside, { force: true });
}

async function isStale(path: string, pid: number): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || !isAlive(pid)) return true;
  const touched = await stat(path).catch(() => undefined);
  return touched !== undefined && Date.now() - touched.mtimeMs > staleMilliseconds;
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
