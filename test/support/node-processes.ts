/** The processes of containers, as the sandbox sees them in which the node and its tests run. */
import { readdirSync, readFileSync } from 'node:fs';

/** Kills what runs in a container, as the kernel would that has no memory left. */
export function killProcessesOf(containerId: string): void {
  signalProcessesOf(containerId, 'SIGKILL');
}

export function signalProcessesOf(containerId: string, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
  const pids = processesOf(containerId);
  if (pids.length === 0) throw new Error(`no process is in container ${containerId}`);
  for (const pid of pids) process.kill(pid, signal);
}

/** Their control group has the container's name. */
function processesOf(containerId: string): readonly number[] {
  if (containerId === '') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && controlGroupOf(name).includes(containerId))
    .map(Number);
}

function controlGroupOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}
