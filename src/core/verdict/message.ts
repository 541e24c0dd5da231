import type { Cause } from '../admission/response.ts';
import type { WorkloadClaim } from '../admission/workload.ts';
import { printScope } from '../scope/print.ts';
import { shown } from '../text.ts';
import type { ActedFinding, Decision } from './decision.ts';
import { viaText } from './findings.ts';
import type { CheckName } from './policy.ts';
import { reasonOf } from './reasons.ts';
import type { BindingUse } from './verdict.ts';

/**
 * What a person reads. The first line says it all, since `kubectl get events` shows no more; then a line a finding;
 * then what to do next.
 */
export function denialMessage(
  workload: WorkloadClaim,
  decision: Decision,
  bindings: readonly BindingUse[] = [],
): string {
  const lines = findingLines(decision.findings, bindings);
  return [headline(workload, decision, 'may not run'), ...lines, ...nextLines(decision.findings)].join('\n');
}

/** One line each, for `Warning:` headers; the API server cuts long ones. */
export function warningLines(
  workload: WorkloadClaim,
  decision: Decision,
  bindings: readonly BindingUse[] = [],
): string[] {
  const lines = findingLines(decision.findings, bindings, MAX_WARNINGS).map((line) =>
    line.trim().replaceAll(/ {2,}/gu, ' '),
  );
  return [headline(workload, decision, 'runs'), ...lines].map((line) => shown(line, 250));
}

/** `shop/api (Deployment) may not run as serviceaccount shop/api: 1 missing, 2 excess [d-7f3k2m4q, policy production]`. */
export function headline(workload: WorkloadClaim, decision: Decision, verb: string): string {
  const { account } = workload;
  const who = `${subject(workload)} ${verb} as serviceaccount ${shown(`${account.namespace}/${account.name}`)}`;
  return `${who}: ${counts(decision.findings)} [${decision.id ?? ''}, policy ${shown(decision.policy)}]`;
}

export function subject({ namespace, name, kind }: WorkloadClaim): string {
  return `${shown(`${namespace}/${name}`)} (${shown(kind)})`;
}

const ORDER: readonly CheckName[] = ['undeclared', 'missing', 'forbidden', 'overreach', 'excess'];

function counts(findings: readonly ActedFinding[]): string {
  const parts = ORDER.flatMap((check) => {
    const proved = findings.filter((finding) => finding.check === check && !finding.undetermined).length;
    if (proved === 0) return [];
    return check === 'undeclared' ? ['needs undeclared'] : [`${proved} ${check}`];
  });
  const open = findings.filter((finding) => finding.undetermined).length;
  return [...parts, ...(open > 0 ? [`${open} undetermined`] : [])].join(', ');
}

/** Kept short: the message is copied into events and conditions. */
const MAX_LINES = 16;
/** With the headline, what is left out and three notes, below the 4,096 characters that an answer may warn in. */
const MAX_WARNINGS = 11;
/** A binding with more excess than this is one line. */
const COLLAPSE_ABOVE = 4;

interface Line {
  readonly check: CheckName;
  readonly label: string;
  readonly what: string;
  readonly via: string;
}

function findingLines(
  findings: readonly ActedFinding[],
  bindings: readonly BindingUse[],
  max = MAX_LINES,
): readonly string[] {
  const lines = toLines(findings, bindings);
  const kept = fairShare(lines, max);
  const labels = Math.max(8, ...kept.map(({ label }) => label.length));
  const width = Math.min(Math.max(0, ...kept.map(({ what }) => what.length)), 48);
  const printed = kept.map(({ label, what, via }) =>
    `  ${label.padEnd(labels)} ${what.padEnd(width)}  ${via}`.trimEnd(),
  );
  return lines.length > kept.length ? [...printed, `  … and ${lines.length - kept.length} more`] : printed;
}

/** As many as are shown, of each check some: what is forbidden must not vanish behind a long list of what is missing. */
function fairShare(lines: readonly Line[], max: number): readonly Line[] {
  const ranks = new Map<CheckName, number>();
  const ranked = lines.map((line) => {
    const rank = ranks.get(line.check) ?? 0;
    ranks.set(line.check, rank + 1);
    return { line, rank };
  });
  const chosen = new Set(ranked.toSorted((a, b) => a.rank - b.rank).slice(0, max));
  return ranked.filter((one) => chosen.has(one)).map(({ line }) => line);
}

function toLines(findings: readonly ActedFinding[], bindings: readonly BindingUse[]): readonly Line[] {
  const collapsed = new Map(
    bindings.filter(({ excess }) => excess > COLLAPSE_ABOVE).map((use) => [viaText(use.via), use]),
  );
  const said = new Set<string>();
  return findings.flatMap((finding): readonly Line[] => {
    const via = finding.via === undefined ? '' : viaText(finding.via);
    const use = finding.check === 'excess' && !finding.undetermined ? collapsed.get(via) : undefined;
    if (use === undefined) return [lineOf(finding, via)];
    if (said.has(via)) return [];
    said.add(via);
    // Findings come worst first, so the first one of a binding gives the line its risk.
    const { role } = use.via;
    const what = `${shown(role.kind)} ${shown(role.name)}: ${use.held} held, ${use.held - use.excess} needed`;
    return [{ check: finding.check, label: labelOf(finding), what, via: `via ${shown(via, 500)}` }];
  });
}

function lineOf(finding: ActedFinding, via: string): Line {
  const what =
    finding.scope === undefined ? reasonOf(finding.reason).sentence : shown(printScope(finding.scope), 400);
  return {
    check: finding.check,
    label: labelOf(finding),
    what,
    via: [remark(finding), via && `via ${shown(via, 500)}`].filter(Boolean).join(' '),
  };
}

function labelOf({ check, undetermined, risk }: ActedFinding): string {
  if (undetermined) return 'unknown';
  return check === 'excess' ? (risk ?? 'excess') : check === 'undeclared' ? 'needs' : LABELS[check];
}

const LABELS = { missing: 'missing', forbidden: 'forbidden', overreach: 'beyond' } as const;

function remark(finding: ActedFinding): string {
  const detail = shown(finding.detail ?? '');
  switch (finding.reason) {
    case 'SharedWithUndeclared':
      return `shared with ${detail}, which declares nothing`;
    case 'ForbiddenHeld':
    case 'ForbiddenNeed':
    case 'Overreach':
      return `by policy ${detail}`;
    default:
      return finding.undetermined && finding.scope !== undefined ? reasonOf(finding.reason).sentence : '';
  }
}

function nextLines(findings: readonly ActedFinding[]): readonly string[] {
  const steps = new Set(findings.flatMap(({ reason }) => reasonOf(reason).next ?? []));
  return steps.size === 0 ? [] : [`next: ${[...steps].join('; or: ')}`];
}

/** Machine-readable: one cause a finding, with its reason code. */
export function causesOf(decision: Decision): readonly Cause[] {
  return decision.findings.slice(0, 50).map(({ reason, scope, via }) => ({
    reason,
    message: [
      scope === undefined ? reasonOf(reason).sentence : printScope(scope),
      via && `via ${viaText(via)}`,
    ]
      .filter(Boolean)
      .map((part) => shown(String(part), 500))
      .join(' '),
  }));
}
