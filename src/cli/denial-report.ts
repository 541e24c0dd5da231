import { RISKS } from '../core/scope/risk.ts';
import { counted, shown } from '../core/text.ts';
import { lastRefused } from '../core/verdict/last-refusal.ts';
import { isOfManifest, MEND_MANIFEST, waivableChecks } from '../core/verdict/waivable.ts';
import type { StoredDenial } from '../desk/desk.ts';
import type { CliHost, Style } from './host.ts';
import { age, table } from './table.ts';

/** How denials are printed for people. */
interface TableContext {
  readonly allNamespaces: boolean;
  readonly nowMs: number;
}

export function denialTable(
  denials: readonly StoredDenial[],
  { allNamespaces, nowMs }: TableContext,
  wide: boolean,
): string {
  const header = [
    ...(allNamespaces ? ['NAMESPACE'] : []),
    ...['NAME', 'STATE', 'RISK', 'WORKLOAD', 'ACCOUNT', 'COUNT', 'LAST-SEEN'],
    ...(wide ? ['POLICY', 'REQUESTERS', 'GRANT', 'FINDINGS'] : []),
  ];
  const rows = denials.map((denial) => {
    const { namespace, name, spec, status } = denial;
    const { workload, serviceAccount, policy } = spec;
    return [
      ...(allNamespaces ? [namespace] : []),
      name,
      stateOf(denial),
      worstRisk(denial) ?? '',
      `${workload.kind}/${workload.name}`,
      serviceAccount.name,
      String(status.count ?? 1),
      age(Date.parse(status.lastSeen ?? ''), nowMs),
      ...(wide ? [policy, requestersOf(denial), status.grant ?? '', countsOf(denial)] : []),
    ];
  });
  return table(header, rows);
}

function stateOf({ status }: StoredDenial): string {
  return status.state ?? 'Open';
}

function worstRisk({ spec }: StoredDenial): string | undefined {
  return RISKS.find((risk) => spec.findings.some((finding) => finding.risk === risk));
}

function requestersOf({ status }: StoredDenial): string {
  return (status.requesters ?? []).map(({ name }) => name).join(',');
}

function countsOf({ spec }: StoredDenial): string {
  const groups = Map.groupBy(spec.findings, ({ check }) => check);
  return [...groups].map(([check, findings]) => `${findings.length} ${check}`).join(', ');
}

const STYLES: Readonly<Record<string, Style>> = {
  Open: 'red',
  Granted: 'green',
  Resolved: 'green',
  Rejected: 'yellow',
};

/** One denial, with all that is recorded of it. @param meanings what is said about its findings. */
export function denialText(
  denial: StoredDenial,
  nowMs: number,
  paint: CliHost['paint'],
  meanings: readonly string[] = [],
): string {
  const { namespace, spec, status } = denial;
  const state = stateOf(denial);
  const since = age(Date.parse(status.since ?? ''), nowMs);
  const requesters = (status.requesters ?? []).map((one) => `${shown(one.name)} (${one.count})`);
  const facts: readonly (readonly [string, string])[] = [
    ['state', `${paint(STYLES[state] ?? 'dim', shown(state))}${since === '' ? '' : ` for ${since}`}`],
    ['why', shown(status.message ?? '', 1000)],
    ['grant', status.grant === undefined ? '' : shown(`${namespace}/${status.grant}`)],
    [
      'seen',
      `${counted(status.count ?? 1, 'time')}, last ${age(Date.parse(status.lastSeen ?? ''), nowMs)} ago`,
    ],
    ['by', requesters.join(', ')],
    [
      'recheck',
      status.recheck === undefined ? '' : shown(`${status.recheck.outcome}: ${status.recheck.message}`, 1000),
    ],
  ];
  const open = state === 'Open' || state === 'Rejected' || state === 'Expired';
  return [
    paint('bold', shown(spec.summary, 2048)),
    ...findingLines(denial),
    ...meanings,
    ...facts.flatMap(([label, text]) => (text === '' ? [] : [`${label.padEnd(8)} ${text}`])),
    ...(open ? nextSteps(denial) : []),
  ].join('\n');
}

/** The scopes of a denial, worst first, as they were recorded. */
function findingLines({ spec }: Pick<StoredDenial, 'spec'>): readonly string[] {
  const lines = spec.findings.map(({ check, risk, undetermined, scope, reason, via, detail }) => {
    const label = undetermined ? 'unknown' : check === 'excess' ? (risk ?? check) : check;
    const what = scope ?? reason;
    const by = [via === undefined ? '' : `via ${via}`, detail ?? ''].filter(Boolean).join('; ');
    return `  ${shown(label).padEnd(10)} ${shown(what, 500)}${by === '' ? '' : `   ${shown(by, 700)}`}`;
  });
  const more = spec.moreFindings ?? 0;
  return more > 0 ? [...lines, `  … and ${more} more`] : lines;
}

function nextSteps(denial: StoredDenial): readonly string[] {
  const { namespace, name } = denial;
  const { findings, mayWaive, policy } = lastRefused(denial);
  if (isOfManifest(findings)) return [`next: ${MEND_MANIFEST}`];
  const about = `${shown(name)} -n ${shown(namespace)}`;
  const isWaivable = waivableChecks(findings, mayWaive).length > 0;
  return [
    `next: kubectl countersign fix ${about}`,
    isWaivable
      ? `  or ask for a waiver: kubectl countersign grant ${about} --reason …`
      : `  policy ${shown(policy)} lets no grant waive any of it`,
  ];
}
