/** What one world of the scale bench came to; times in milliseconds. */
export interface Scale {
  readonly accounts: number;
  readonly bindings: number;
  readonly roles: number;
  readonly workloads: number;
  readonly objects: number;
  readonly listBytes: number;
  readonly parseMs: number;
  readonly indexMs: number;
  /** Heap and buffers after a collection, less what they were before. */
  readonly keptMiB: number;
  /** Of the whole process. */
  readonly rssMiB: number;
  readonly idle: Latency;
  readonly changing: Latency;
  /** Made while `changing` was measured. */
  readonly changes: number;
  readonly changingSeconds: number;
}

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly parseP50Ms: number;
  readonly decisions: number;
  readonly verdicts: Readonly<Record<string, number>>;
}

const MIDDLE_ACCOUNTS = 10_000;
const BUDGET = { p50Ms: 1, p99Ms: 10, residentMiB: 250 } as const;

/** The section of the page about growth. */
export function scaleSection(worlds: readonly Scale[]): string {
  const middle = worlds.find(({ accounts }) => accounts === MIDDLE_ACCOUNTS);
  return `## At scale

Worlds made up but of a usual kind: fifty accounts a namespace, one to three bindings an account, four bindings of
\`system:serviceaccounts\`, one to ten rules a role, most workloads with needs; the same in every run. Each is read in a
process of its own, page after page as lists deliver it, and then asked for decisions on \`/change\` (parsed body in, review
out) about accounts drawn at random: on a world at rest, and while ${changesPerSecond(worlds)} bindings, roles and workloads a second change. A
decision waits for a change that came in before it. The yardstick is \`JSON.parse\` of the same reviews in the same run, which
no webhook gets around.

| accounts | bindings | roles | workloads | lists MB | parsing them ms | index ms | kept MiB | resident MiB |
|---|---|---|---|---|---|---|---|---|
${worlds.map(buildLine).join('\n')}

| accounts | world | p50 ms | p99 ms | p50, times the yardstick |
|---|---|---|---|---|
${worlds.flatMap(({ accounts, idle, changing }) => [latencyLine(accounts, 'at rest', idle), latencyLine(accounts, 'changing', changing)]).join('\n')}
${middle === undefined ? '' : `\n${budgetTable(middle)}\n`}`;
}

function changesPerSecond([world]: readonly Scale[]): number {
  return world === undefined ? 0 : Math.round(world.changes / world.changingSeconds);
}

function buildLine(world: Scale): string {
  const { accounts, bindings, roles, workloads, listBytes, parseMs, indexMs, keptMiB, rssMiB } = world;
  const counts = [accounts, bindings, roles, workloads].map(thousands);
  const megabytes = Math.round(listBytes / 1e6);
  return row([
    ...counts,
    megabytes,
    ...[parseMs, indexMs, keptMiB, rssMiB].map((value) => thousands(Math.round(value))),
  ]);
}

function latencyLine(accounts: number, world: string, { p50Ms, p99Ms, parseP50Ms }: Latency): string {
  return row([
    thousands(accounts),
    world,
    p50Ms.toFixed(2),
    p99Ms.toFixed(2),
    (p50Ms / parseP50Ms).toFixed(1),
  ]);
}

function budgetTable({ accounts, changing, rssMiB }: Scale): string {
  const lines = [
    [
      'decision p50 while it changes',
      `${changing.p50Ms.toFixed(2)} ms`,
      `${BUDGET.p50Ms} ms`,
      changing.p50Ms <= BUDGET.p50Ms,
    ],
    [
      'decision p99 while it changes',
      `${changing.p99Ms.toFixed(2)} ms`,
      `${BUDGET.p99Ms} ms`,
      changing.p99Ms <= BUDGET.p99Ms,
    ],
    [
      'resident memory',
      `${Math.round(rssMiB)} MiB`,
      `${BUDGET.residentMiB} MiB`,
      rssMiB <= BUDGET.residentMiB,
    ],
  ] as const;
  return [
    `| budget at ${thousands(accounts)} accounts | measured | at most | kept |`,
    '|---|---|---|---|',
    ...lines.map(([what, measured, most, kept]) => row([what, measured, most, kept ? 'yes' : '**no**'])),
  ].join('\n');
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

function thousands(value: number): string {
  return value.toLocaleString('en-US');
}
