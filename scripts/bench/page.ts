import type { Measured } from './load.ts';

export interface Memory {
  readonly rssMiB: number;
  readonly anonymousMiB: number;
}

export interface Row extends Measured {
  readonly name: string;
  readonly connections: number;
}

export interface Results {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** From spawning the process to its first ready answer, without the compile cache. */
  readonly coldMs: number;
  /** With it, sorted. */
  readonly startMs: readonly number[];
  readonly idle: Memory;
  readonly loaded: Memory;
  readonly bodyBytes: Readonly<Record<'inject' | 'change', number>>;
  readonly rows: readonly Row[];
}

const HEADER = '<!-- Written by scripts/bench.ts; not to be edited. -->\n\n# Benchmarks\n\n';
/** Whatever stands before the first of these headings is about load. */
const HEADINGS = {
  scale: '## At scale',
  vault: '## With a Vault',
  denials: '## Denials',
  footprint: '## In a pod',
} as const;

export type SectionName = 'load' | keyof typeof HEADINGS;

/** The page with what was measured now; a section that was not measured stays as it is. */
export function withSections(page: string, measured: Readonly<Partial<Record<SectionName, string>>>): string {
  const old = sectionsOf(page);
  const sections = [
    measured.load ?? old.load,
    measured.scale ?? old.scale,
    measured.vault ?? old.vault,
    measured.denials ?? old.denials,
    measured.footprint ?? old.footprint,
  ].map((section) => section.trimEnd());
  return `${HEADER}${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function sectionsOf(page: string): Readonly<Record<SectionName, string>> {
  const [load = '', ...others] = page.split(/^(?=## )/mu);
  const under = (heading: string) => others.find((section) => section.startsWith(heading)) ?? '';
  return {
    load: load.startsWith(HEADER) ? load.slice(HEADER.length) : '',
    scale: under(HEADINGS.scale),
    vault: under(HEADINGS.vault),
    denials: under(HEADINGS.denials),
    footprint: under(HEADINGS.footprint),
  };
}

/** What the bundle does under load. Ratios against the yardstick of the same run are what can be compared between machines. */
export function loadSection(results: Results): string {
  const { cpu, cores, node, coldMs, startMs, idle, loaded, bodyBytes, rows } = results;
  const median = startMs[Math.floor(startMs.length / 2)] ?? Number.NaN;
  return `Written by \`npm run bench\`. Server and load generator share ${cores} cores (${cpu}), Node ${node}, HTTPS with keep-alive over
loopback, a closed loop on each connection. The floor is a \`node:https\` handler that parses the review, reads its uid and
allows, measured in the same run: the ratios are what can be compared, the absolute numbers are this machine's.

The facts are those of \`manifests/examples\`. \`/inject\` gets a pod review of ${kilo(bodyBytes.inject)} kB and answers with the whole
patch; \`/change\` gets a Deployment review of ${kilo(bodyBytes.change)} kB and answers with a full verdict.

| endpoint | connections | requests/s | p50 ms | p99 ms | of the floor |
|---|---|---|---|---|---|
${rows.map((row) => line(row, rows)).join('\n')}

| what | measured |
|---|---|
| start: process to first ready answer, nothing compiled before | ${Math.round(coldMs)} ms |
| the same with a compile cache on disk, median of ${startMs.length} | ${Math.round(median)} ms |
| memory idle, with that cache: resident, anonymous | ${mib(idle)} |
| memory after the load: resident, anonymous | ${mib(loaded)} |
`;
}

function line(row: Row, rows: readonly Row[]): string {
  const floor = rows.find(({ name, connections }) => name === 'floor' && connections === row.connections);
  const ratio = floor === undefined ? '' : (row.perSecond / floor.perSecond).toFixed(2);
  const cells = [
    row.name,
    row.connections,
    Math.round(row.perSecond),
    row.p50Ms.toFixed(2),
    row.p99Ms.toFixed(2),
    ratio,
  ];
  return `| ${cells.join(' | ')} |`;
}

function mib({ rssMiB, anonymousMiB }: Memory): string {
  return `${Math.round(rssMiB)} MiB, ${Math.round(anonymousMiB)} MiB`;
}

function kilo(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
