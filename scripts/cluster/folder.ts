/** Removes a cluster's folder, with what containers and the kubelet have mounted in it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

export function removeFolder(folder: string): void {
  unmountBelow(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Inner mounts first; lazily, since a program that was just killed may hold one for another moment. */
export function unmountBelow(folder: string): void {
  for (const path of mountsBelow(folder, readMounts()).toReversed()) {
    try {
      execFileSync('umount', ['--lazy', path], { stdio: 'ignore' });
    } catch {
      // It went with its program.
    }
  }
}

/** The mount points below `folder`, oldest first. `mounts` is in the format of proc_pid_mounts(5). */
export function mountsBelow(folder: string, mounts: string): readonly string[] {
  return mounts
    .split('\n')
    .map((line) => unescaped(line.split(' ')[1] ?? ''))
    .filter((path) => path.startsWith(`${folder}/`));
}

/** Blanks and backslashes are written as octal numbers there. */
function unescaped(path: string): string {
  return path.replace(/\\(\d{3})/gu, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));
}

/** Empty where there is no such thing. */
function readMounts(): string {
  try {
    return readFileSync('/proc/self/mounts', 'utf8');
  } catch {
    return '';
  }
}
