/** What refusals with and without their record came to; times in milliseconds. */
export interface DenialsMeasured {
  readonly refusals: number;
  readonly workloads: number;
  readonly requesters: number;
  /** Of the same reviews, in turns. */
  readonly without: RefusalLatency;
  readonly recorded: RefusalLatency;
  /** Of a recorded one, the time in the recorder. */
  readonly recording: RefusalLatency;
  /** From the first refusal to the last write. */
  readonly seconds: number;
  readonly calls: Readonly<Record<string, number>>;
  /** Denials on the API server, their JSON, and what they count together. */
  readonly objects: number;
  readonly objectBytes: number;
  readonly counted: number;
  readonly dropped: number;
  /** Heap and buffers after a collection, less what they are without it. */
  readonly keptMiB: number;
}

export interface RefusalLatency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface DenialsRun extends DenialsMeasured {
  readonly cores: number;
  readonly cpu: string;
  /** When the run began. */
  readonly load: number;
}

/** The section of the page about the record of refusals. */
export function denialsSection(run: DenialsRun): string {
  const { refusals, workloads, requesters, without, recorded, cores, cpu, load } = run;
  return `## Denials

${whole(refusals)} refused admissions over ${whole(workloads)} workloads by ${requesters} users, one after the other as fast as they are decided, in one process: in
turns with and without the recorder, which writes to a real API server on the same machine (parsed body in, review out). The
ratio is what can be compared between machines. This one has ${cores} cores (${cpu}) and a load average of ${load.toFixed(1)} when the run began.

| decision | p50 ms | p99 ms |
|---|---|---|
| not recorded | ${without.p50Ms.toFixed(3)} | ${without.p99Ms.toFixed(3)} |
| recorded | ${recorded.p50Ms.toFixed(3)} | ${recorded.p99Ms.toFixed(3)} |
| of it in the recorder | ${run.recording.p50Ms.toFixed(3)} | ${run.recording.p99Ms.toFixed(3)} |
| ratio of the first two | ${(recorded.p50Ms / without.p50Ms).toFixed(2)} | ${(recorded.p99Ms / without.p99Ms).toFixed(2)} |

| what | measured |
|---|---|
| Denials on the API server | ${whole(run.objects)}, ${whole(Math.round(run.objectBytes / run.objects))} bytes of JSON each |
| refusals that they count, and that were dropped | ${whole(run.counted)}, ${whole(run.dropped)} |
| calls of the API server, in ${Math.round(run.seconds)} s | ${whole(sum(run.calls))}: ${callsText(run.calls)} |
| refusals a call | ${(refusals / sum(run.calls)).toFixed(1)} |
| memory kept by the recorder and its index | ${Math.max(0, run.keptMiB).toFixed(1)} MiB |
`;
}

function callsText(calls: Readonly<Record<string, number>>): string {
  return Object.entries(calls)
    .map(([method, count]) => `${method} ${whole(count)}`)
    .join(', ');
}

function sum(calls: Readonly<Record<string, number>>): number {
  return Object.values(calls).reduce((total, count) => total + count, 0);
}

function whole(count: number): string {
  return count.toLocaleString('en');
}
