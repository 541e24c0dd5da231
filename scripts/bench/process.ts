/** What the kernel says of a process and of the control group of its container. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MemoryUse {
  readonly rssMiB: number;
  readonly anonymousMiB: number;
  /** Of the whole container, the kernel's own memory for it too, less pages of files that can go at any moment. */
  readonly workingSetMiB: number;
}

const mebibyte = 2 ** 20;

export function memoryOf(pid: number): MemoryUse {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mebibytes = (name: string) => numberBehind(`${name}:`, rollup) / 1024;
  return {
    rssMiB: mebibytes('Rss'),
    anonymousMiB: mebibytes('Anonymous'),
    workingSetMiB: workingSetBytes(pid) / mebibyte,
  };
}

/** As kubelet computes it, in version 1 and version 2 of control groups. */
function workingSetBytes(pid: number): number {
  const group = groupOf(pid, 'memory');
  const stat = readFileSync(join(group.path, 'memory.stat'), 'utf8');
  const [usage, inactive] =
    group.version === 1
      ? (['memory.usage_in_bytes', 'total_inactive_file'] as const)
      : (['memory.current', 'inactive_file'] as const);
  return Number(readFileSync(join(group.path, usage), 'utf8')) - numberBehind(inactive, stat);
}

/** Of all that ran in the container so far. */
export function cpuSecondsOf(pid: number): number {
  const { path, version } = groupOf(pid, 'cpuacct');
  if (version === 1) return Number(readFileSync(join(path, 'cpuacct.usage'), 'utf8')) / 1e9;
  return numberBehind('usage_usec', readFileSync(join(path, 'cpu.stat'), 'utf8')) / 1e6;
}

interface Group {
  readonly path: string;
  readonly version: 1 | 2;
}

/** See cgroups(7), /proc/pid/cgroup. */
function groupOf(pid: number, controller: string): Group {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
    .split('\n')
    .map((line) => /^\d+:(?<controllers>[^:]*):(?<path>.*)$/u.exec(line)?.groups);
  const pathOf = (wanted: (controllers: readonly string[]) => boolean) =>
    lines.find((line) => line !== undefined && wanted((line['controllers'] ?? '').split(',')))?.['path'];
  const first = pathOf((controllers) => controllers.includes(controller));
  const path = join('/sys/fs/cgroup', controller, first ?? '');
  if (first !== undefined && existsSync(path)) return { path, version: 1 };
  return { path: join('/sys/fs/cgroup', pathOf(([only]) => only === '') ?? ''), version: 2 };
}

function numberBehind(name: string, text: string): number {
  return Number(new RegExp(`^${name}\\s+(\\d+)`, 'mu').exec(text)?.[1]);
}
