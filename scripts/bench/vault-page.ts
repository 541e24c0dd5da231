import type { Measured } from './load.ts';
import type { Latency } from './scale-page.ts';

/** One reading of all roles and policies. */
export interface Reading {
  readonly ms: number;
  /** Of our own process. */
  readonly cpuMs: number;
}

/**
 * What is known of Vault while decisions are made: nothing (the yardstick), everything, everything while somebody in the
 * same process reads it anew, or not yet the identity of the account.
 */
export type Knowing = 'none' | 'warm' | 'read' | 'first';

export interface DecisionRow extends Latency {
  readonly vault: Knowing;
  /** Among which those that are decided about are drawn. */
  readonly accounts: number;
}

export interface MintingRow extends Measured {
  readonly way: 'plain' | 'minter' | 'inject';
  readonly connections: number;
}

export interface VaultMeasured {
  readonly accounts: number;
  readonly roles: number;
  readonly policies: number;
  /** What the first reading left behind. */
  readonly keptMiB: number;
  readonly rssMiB: number;
  /** What decisions about every account left behind. */
  readonly rememberedMiB: number;
  readonly readings: Readonly<Record<'first' | 'again' | 'plain', Reading>>;
  readonly decisions: readonly DecisionRow[];
  readonly minting: readonly MintingRow[];
}

export interface VaultRun extends VaultMeasured {
  readonly cores: number;
  readonly cpu: string;
  /** Of the minute before, as uptime(1) says it. */
  readonly load: number;
}

const BUDGET = { p50Ms: 1, p99Ms: 10 } as const;

/** The section of the page about Vault. */
export function vaultSection(run: VaultRun): string {
  const { accounts, roles, policies, cores, cpu, load, decisions, minting } = run;
  const rowCount = decisions.map(({ accounts: drawn }) => drawn);
  return `## With a Vault

An OpenBao 2.7.2 over TLS with ${thousands(roles)} roles of the kubernetes method and ${thousands(policies)} policies of 8 rules, made up but of a usual kind:
most roles for one account, some for a namespace or by its labels, one or two policies a role, some with a template. Its facts
are read by the code of the webhook, in a process of its own. The yardstick is a plain GET by \`node:https\` for every role and
every policy, as many at a time, nothing done with the answers. OpenBao, the process and what asks it share ${cores} cores
(${cpu}), with a load average of ${load.toFixed(1)} when the run began; the ratios are what can be compared.

${table(['reading', 'ms', 'CPU of our process ms', 'ms, times the yardstick'], readingRows(run))}

${table(['memory', 'MiB'], memoryRows(run))}

Decisions on \`/change\` (parsed body in, review out) in a world of ${thousands(accounts)} accounts at rest, about workloads that need
something in Vault; every second one asks for credentials too. The account is drawn at random among ${thousands(Math.min(...rowCount))}, whose logins all
stay in memory, or among all ${thousands(Math.max(...rowCount))} that have a role of their own; the logins of 1,000 stay. The yardsticks
are the same decisions with nothing known of any Vault, and \`JSON.parse\` of the same reviews.

${table(
  [
    'known of Vault',
    'accounts',
    'p50 ms',
    'p99 ms',
    'p50, times the same without Vault',
    'p50, times JSON.parse',
  ],
  decisionRows(decisions),
)}

Tokens are made by a token role of the namespace. The yardstick is a POST to \`auth/token/create/ROLE\` by \`node:https\` that asks
for no wrapper. The whole admission (text of the review in, text of the answer out) judges the pod and plans what goes into it
besides, in the one thread that asks for all of them.

${table(['tokens', 'at a time', 'tokens/s', 'p50 ms', 'p99 ms', 'of the yardstick'], mintingRows(minting))}

${budgetTable(run)}
`;
}

const READINGS: Readonly<Record<keyof VaultRun['readings'], string>> = {
  first: 'the first in the life of the process',
  again: 'a later one',
  plain: 'plain GETs',
};

function readingRows({ readings }: VaultRun): readonly Cells[] {
  return (['first', 'again', 'plain'] as const).map((name) => {
    const { ms, cpuMs } = readings[name];
    return [
      READINGS[name],
      thousands(Math.round(ms)),
      thousands(Math.round(cpuMs)),
      (ms / readings.plain.ms).toFixed(2),
    ];
  });
}

function memoryRows({ keptMiB, rssMiB, rememberedMiB }: VaultRun): readonly Cells[] {
  return [
    ['kept after the first reading', keptMiB.toFixed(1)],
    ['resident, more than before it', rssMiB.toFixed(1)],
    ['kept of decisions about every account', rememberedMiB.toFixed(1)],
  ];
}

const KNOWING: Readonly<Record<Knowing, string>> = {
  none: 'nothing',
  warm: 'everything',
  read: 'everything, while it is read anew',
  first: 'not yet who the account is: asked of Vault',
};

function decisionRows(rows: readonly DecisionRow[]): readonly Cells[] {
  return rows.map((row) => {
    const plain = rows.find(({ vault, accounts }) => vault === 'none' && accounts === row.accounts);
    return [
      KNOWING[row.vault],
      thousands(row.accounts),
      row.p50Ms.toFixed(2),
      row.p99Ms.toFixed(2),
      plain === undefined ? '' : (row.p50Ms / plain.p50Ms).toFixed(1),
      (row.p50Ms / row.parseP50Ms).toFixed(1),
    ];
  });
}

const WAYS: Readonly<Record<MintingRow['way'], string>> = {
  plain: 'plain',
  minter: 'wrapped, by our minter',
  inject: 'wrapped, with the whole admission on `/inject`',
};

function mintingRows(rows: readonly MintingRow[]): readonly Cells[] {
  return rows.map((row) => {
    const plain = rows.find(({ way, connections }) => way === 'plain' && connections === row.connections);
    return [
      WAYS[row.way],
      row.connections,
      thousands(Math.round(row.perSecond)),
      row.p50Ms.toFixed(2),
      row.p99Ms.toFixed(2),
      plain === undefined ? '' : (row.perSecond / plain.perSecond).toFixed(2),
    ];
  });
}

/** Of the harder case: the logins of not every account are in memory. */
function budgetTable({ accounts, decisions }: VaultRun): string {
  const most = Math.max(...decisions.map((row) => row.accounts));
  const warm = decisions.find((row) => row.vault === 'warm' && row.accounts === most);
  const lines = (['p50Ms', 'p99Ms'] as const).map((what): Cells => {
    const measured = warm?.[what] ?? Number.NaN;
    const kept = measured <= BUDGET[what];
    return [
      `decision ${what.slice(0, 3)} with Vault`,
      `${measured.toFixed(2)} ms`,
      `${BUDGET[what]} ms`,
      kept ? 'yes' : '**no**',
    ];
  });
  return table([`budget at ${thousands(accounts)} accounts`, 'measured', 'at most', 'kept'], lines);
}

type Cells = readonly (string | number)[];

function table(head: Cells, rows: readonly Cells[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function thousands(value: number): string {
  return value.toLocaleString('en-US');
}
