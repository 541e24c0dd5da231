import type { Cause } from '../admission/response.ts';
import type { WorkloadClaim } from '../admission/workload.ts';
import { printScope } from '../scope/print.ts';
import { shown } from '../text.ts';
import type { ActedFinding, Decision } from './decision.ts';
import { heldBy, viaText } from './findings.ts';
import type { CheckName, WaivableCheck } from './policy.ts';
import { type ReasonCode, reasonOf, stepById } from './reasons.ts';
import type { BindingUse } from './verdict.ts';

/**
 * What a person reads. The first line says it all, since `kubectl get events` shows no more; then a line a finding;
 * then what to do next.
 */
export function denialMessage(
  workload: WorkloadClaim,
  decision: Decision,
  bindings: readonly BindingUse[] = [],
  recorded?: RecordedDenial,
): string {
  const lines = findingLines(decision.findings, bindings);
  const next = nextLines(decision.findings, recorded && commandsOf(workload, decision, recorded));
  return [headline(workload, decision, 'may not run'), ...lines, ...next].join('\n');
}

/** A refusal that people find again by its id: as a Denial. */
export interface RecordedDenial {
  /** What of it a grant may waive. */
  readonly mayWaive: readonly WaivableCheck[];
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
    const via = heldBy(finding);
    const use = finding.check === 'excess' && !finding.undetermined ? collapsed.get(via) : undefined;
    if (use === undefined) return [lineOf(finding)];
    if (said.has(via)) return [];
    said.add(via);
    // Findings come worst first, so the first one of a binding gives the line its risk.
    const { role } = use.via;
    const what = `${shown(role.kind)} ${shown(role.name)}: ${use.held} held, ${use.held - use.excess} needed`;
    return [{ check: finding.check, label: labelOf(finding), what, via: `via ${shown(via, 500)}` }];
  });
}

function lineOf(finding: ActedFinding): Line {
  return {
    check: finding.check,
    label: labelOf(finding),
    what: whatOf(finding),
    via: [remark(finding), byOf(finding)].filter(Boolean).join(' '),
  };
}

function whatOf({ scope, reason }: ActedFinding): string {
  return scope === undefined ? reasonOf(reason).sentence : shown(printScope(scope), 400);
}

/** What is held comes via a binding or login; what is missing is refused by one. */
function byOf(finding: ActedFinding): string {
  const by = shown(heldBy(finding), 500);
  if (by === '') return '';
  if (finding.login === undefined) return `via ${by}`;
  if (finding.scope === undefined) return `(${by})`;
  return finding.reason === 'MissingInVault' ? `by ${by}` : `via ${by}`;
}

function labelOf({ check, undetermined, risk }: ActedFinding): string {
  if (undetermined) return 'unknown';
  return check === 'excess' ? (risk ?? 'excess') : check === 'undeclared' ? 'needs' : LABELS[check];
}

const LABELS = { missing: 'missing', forbidden: 'forbidden', overreach: 'beyond' } as const;

/** What is said behind a scope, or behind the sentence of its reason, where there is more than that to say. */
const REMARKS: Readonly<Partial<Record<ReasonCode, (detail: string) => string>>> = {
  SharedWithUndeclared: (sibling) => `shared with ${sibling}, which declares nothing`,
  ForbiddenHeld: (policy) => `by policy ${policy}`,
  ForbiddenNeed: (policy) => `by policy ${policy}`,
  Overreach: (policy) => `by policy ${policy}`,
  MissingInVault: (path) => `refused at ${path}`,
  NoVaultLogin: () => 'no Vault role takes this service account',
  VaultAudience: (audiences) => audiences,
  VaultTokenUses: (uses) => uses,
  VaultTtl: (lives) => lives,
};

function remark({ reason, scope, detail = '', undetermined }: ActedFinding): string {
  const of = REMARKS[reason];
  if (of !== undefined) return of(shown(detail));
  const sentence = undetermined && scope !== undefined ? reasonOf(reason).sentence : '';
  return [sentence, shown(detail)].filter(Boolean).join(': ');
}

interface Commands {
  readonly fix: string;
  /** `undefined`: nothing of it can be waived. */
  readonly grant: string | undefined;
}

/** What people run about a Denial. */
function commandsOf(
  { namespace }: WorkloadClaim,
  decision: Decision,
  { mayWaive }: RecordedDenial,
): Commands {
  const about = `${decision.id ?? ''} -n ${shown(namespace)}`;
  return {
    fix: `kubectl countersign fix ${about}`,
    grant: mayWaive.length > 0 ? `kubectl countersign grant ${about} --reason …` : undefined,
  };
}

function nextLines(findings: readonly ActedFinding[], commands: Commands | undefined): readonly string[] {
  const inRbac = new Set(findings.filter(({ login }) => login === undefined).map(({ reason }) => reason));
  const stepOf = (reason: ReasonCode) =>
    (commands !== undefined && inRbac.has(reason) ? stepById(reason, commands.fix) : undefined) ??
    reasonOf(reason).next;
  const steps = new Set(findings.flatMap(({ reason }) => stepOf(reason) ?? []));
  if (steps.size === 0) return [];
  const waiver = commands?.grant === undefined ? '' : `; or ask for a waiver: ${commands.grant}`;
  return [`next: ${[...steps].join('; or: ')}${waiver}`];
}

/** Machine-readable: one cause a finding, with its reason code. */
export function causesOf(decision: Decision): readonly Cause[] {
  return decision.findings.slice(0, 50).map((finding) => ({
    reason: finding.reason,
    message: [whatOf(finding), remark(finding), byOf(finding)].filter(Boolean).join(' '),
  }));
}
