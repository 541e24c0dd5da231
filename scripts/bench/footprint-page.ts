import type { AgentName } from './agents.ts';
import type { ImageBytes } from './image-bytes.ts';
import type { MemoryUse } from './process.ts';

/** What one agent took. */
export interface Footprint extends MemoryUse, ImageBytes {
  readonly name: AgentName;
  /** While it was watched. */
  readonly cpuSeconds: number;
  /** Of several starts, sorted. */
  readonly writtenMs: readonly number[];
}

export interface FootprintRun {
  readonly agents: readonly Footprint[];
  readonly idleSeconds: number;
  readonly cores: number;
  readonly cpu: string;
  /** Of the minute before, as uptime(1) says it. */
  readonly load: number;
}

const YARDSTICK: AgentName = 'vault agent';

interface Quantity {
  readonly what: string;
  readonly of: (agent: Footprint) => number;
  readonly shown: (value: number) => string;
}

/** The section of the page about the agent in its pod. */
export function footprintSection({ agents, idleSeconds, cores, cpu, load }: FootprintRun): string {
  const yardstick = agents.find(({ name }) => name === YARDSTICK);
  const quantities: readonly Quantity[] = [
    { what: 'resident memory', of: ({ rssMiB }) => rssMiB, shown: mebibytes },
    { what: 'of it anonymous', of: ({ anonymousMiB }) => anonymousMiB, shown: mebibytes },
    {
      what: "working set of the container's cgroup",
      of: ({ workingSetMiB }) => workingSetMiB,
      shown: mebibytes,
    },
    {
      what: `CPU in ${idleSeconds} s idle`,
      of: ({ cpuSeconds }) => cpuSeconds * 1000,
      shown: (value) => `${value.toFixed(0)} ms`,
    },
    {
      what: `start of the container to the file written, median of ${agents[0]?.writtenMs.length ?? 0}`,
      of: ({ writtenMs }) => writtenMs[Math.floor(writtenMs.length / 2)] ?? Number.NaN,
      shown: (value) => `${value.toFixed(0)} ms`,
    },
    {
      what: 'image, layers compressed (gzip)',
      of: ({ compressedBytes }) => compressedBytes,
      shown: megabytes,
    },
    { what: 'image, unpacked', of: ({ unpackedBytes }) => unpackedBytes, shown: megabytes },
  ];
  const line = ({ what, of, shown }: Quantity) =>
    row([
      what,
      ...agents.map((agent) => {
        const ratio =
          yardstick === undefined || agent === yardstick
            ? ''
            : ` (${(of(agent) / of(yardstick)).toFixed(2)})`;
        return `${shown(of(agent))}${ratio}`;
      }),
    ]);
  return `## In a pod

Three agents do one job: log in to the same OpenBao by the jwt method over TLS, read a secret of the KV engine, write a file
by template, read the secret again every 5 minutes, and keep a token of 2 minutes renewed. Each runs in a container of its own
(containerd and runc, a read-only root, volumes in memory): ours with image, command and configuration as the webhook writes
them into a pod, \`vault agent\` 1.19.0 and \`bao agent\` 2.7.2 in images with nothing but their program. Memory and CPU are
those of the container that stays in the pod, all three side by side, after and during ${idleSeconds} s in which each renewed its
token. Start-up is that of the container that comes first, one after the other; it includes what containerd and runc need, and
of ours a wait of a quarter of a second on average, at random, which keeps the pods of a node that comes back from logging in
all at once. In parentheses: times \`${YARDSTICK}\`, which is what can be compared between machines. This one has ${cores} cores
(${cpu}) and a load average of ${load.toFixed(1)} when the run began.

${row(['', ...agents.map(({ name }) => name)])}
${row(['---', ...agents.map(() => '---')])}
${quantities.map(line).join('\n')}
`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function mebibytes(value: number): string {
  return `${value.toFixed(1)} MiB`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
