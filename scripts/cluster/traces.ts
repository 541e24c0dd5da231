/**
 * What a sandbox leaves on the machine when its namespaces are gone: a folder, and a control group of the same name in
 * every hierarchy. The name says which process owns it, so that whoever comes next can remove what a killed one left.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeFolder } from './folder.ts';
import { ownControlGroup } from './place.ts';
import { hasCode, isAlive } from './system.ts';

const prefix = 'countersign-sandbox-';
const attempts = 50;
const pollMilliseconds = 100;

/** A new folder, owned by this process. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
}

/** Makes the control groups for the pods of the sandbox in `folder`; returns their common path in each hierarchy. */
export function makeControlGroups(folder: string): string {
  const path = groupOf(folder);
  for (const group of controlGroups(path)) mkdirSync(group, { recursive: true });
  return path;
}

/** A sandbox in a sandbox has its group in that one's, and goes with it. */
function groupOf(folder: string): string {
  return join(ownControlGroup() ?? '/', basename(folder));
}

/** Its processes have been killed; they may take a moment to leave their control groups. */
export async function removeTraces(folder: string): Promise<void> {
  for (const group of controlGroups(groupOf(folder))) await removeGroup(group);
  removeFolder(folder);
}

/** Removes what sandboxes left whose owner was killed, and which were killed themselves before they could clean up. */
export async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const owner = ownerOf(name);
    if (owner !== undefined && !isAlive(owner)) await removeTraces(join(tmpdir(), name));
  }
}

/** The process whose sandbox's folder is called so; `undefined` when that is no name of such a folder. */
export function ownerOf(name: string): number | undefined {
  const owner = new RegExp(`^${prefix}(\\d+)-\\w{6}$`, 'u').exec(name)?.[1];
  return owner === undefined ? undefined : Number(owner);
}

/** The folders of the group that has this path in every hierarchy. */
export function controlGroups(path: string): readonly string[] {
  return hierarchies(readFileSync('/proc/self/mounts', 'utf8')).map((hierarchy) => join(hierarchy, path));
}

/**
 * Where they are mounted: many of version 1, one of version 2, or both, since runc then makes groups in the latter too.
 * `mounts` is in the format of proc_pid_mounts(5).
 */
export function hierarchies(mounts: string): readonly string[] {
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields[2] === 'cgroup' || fields[2] === 'cgroup2')
    .map((fields) => fields[1] ?? '');
}

/** Only the folders: the files in them are the kernel's, and go with them. */
async function removeGroup(group: string): Promise<void> {
  for (const entry of foldersIn(group)) await removeGroup(join(group, entry));
  for (let attempt = 1; ; attempt++) {
    try {
      return rmdirSync(group);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      if (attempt === attempts) throw error;
    }
    await sleep(pollMilliseconds);
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
