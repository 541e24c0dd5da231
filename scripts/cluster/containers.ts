/** Kills what containerd leaves running when it ends: containers, and the shims that look after them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { controlGroups } from './traces.ts';

/** `controlGroup` is the path, in every hierarchy, of the group that the pods' groups are in. */
export function killContainers(controlGroup: string, shim: string): void {
  for (const group of controlGroups(controlGroup)) killGroup(group);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/u.test(name))) {
    if (programOf(pid) === shim) kill(Number(pid));
  }
}

function killGroup(group: string): void {
  const below = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of below) killGroup(join(group, name));
  const processes = readFileSync(join(group, 'cgroup.procs'), 'utf8');
  for (const pid of processes.split('\n')) if (pid !== '') kill(Number(pid));
}

/** `undefined` for a process that has ended, and for one of the kernel's. */
function programOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
