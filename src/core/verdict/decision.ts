import { createHash } from 'node:crypto';
import type { WorkloadClaim } from '../admission/workload.ts';
import { compareText } from '../scope/canonical.ts';
import { printScope } from '../scope/print.ts';
import { type Finding, heldBy } from './findings.ts';
import type { WorkloadName } from './grants.ts';
import { type Action, type Actions, isMilder, milder } from './policy.ts';
import type { Verdict } from './verdict.ts';

/** What is done about a verdict: each finding with the policy's action, and the strictest of them. */
export interface Decision {
  readonly outcome: 'allow' | 'warn' | 'deny';
  /** Names the decision everywhere; only where there is something to name. */
  readonly id: string | undefined;
  /** The policy that gave the actions. */
  readonly policy: string;
  /** Those that are acted on, strictest first. */
  readonly findings: readonly ActedFinding[];
}

export interface ActedFinding extends Finding {
  readonly action: 'Deny' | 'Warn';
}

export interface DecisionContext {
  readonly workload: WorkloadClaim;
  readonly policy: string;
  readonly actions: Actions;
  /** The bindings of the same `kubectl apply --dry-run=server` are not stored, so what is missing only warns. */
  readonly dryRun: boolean;
}

export function decide(verdict: Verdict, context: DecisionContext): Decision {
  const acted = verdict.findings.flatMap((finding): readonly ActedFinding[] => {
    const action = actionFor(finding, context);
    return action === 'Ignore' ? [] : [{ ...finding, action }];
  });
  const said = withoutEchoes(acted);
  const denied = said.filter(({ action }) => action === 'Deny');
  const findings = [...denied, ...said.filter(({ action }) => action === 'Warn')];
  const outcome = denied.length > 0 ? 'deny' : findings.length > 0 ? 'warn' : 'allow';
  const id = findings.length === 0 ? undefined : decisionId(context.workload, context.policy, findings);
  return { outcome, id, policy: context.policy, findings };
}

/** What is forbidden is seldom needed, so it is excess as well: said once, as the graver of the two. */
function withoutEchoes(findings: readonly ActedFinding[]): readonly ActedFinding[] {
  const forbidden = new Map<string, Action>();
  for (const finding of findings) {
    if (finding.reason === 'ForbiddenHeld') forbidden.set(holdOf(finding), finding.action);
  }
  if (forbidden.size === 0) return findings;
  return findings.filter((finding) => {
    const action = finding.check === 'excess' ? forbidden.get(holdOf(finding)) : undefined;
    return action === undefined || isMilder(action, finding.action);
  });
}

function holdOf(finding: Finding): string {
  return `${finding.scope === undefined ? '' : printScope(finding.scope)}\n${heldBy(finding)}`;
}

function actionFor(finding: Finding, { actions, dryRun }: DecisionContext): Action {
  const own = finding.check === 'excess' ? actions.excess[finding.risk ?? 'low'] : actions[finding.check];
  const action = finding.undetermined ? milder(own, actions.undetermined) : own;
  return dryRun && finding.check === 'missing' ? milder(action, 'Warn') : action;
}

/**
 * `d-` and 8 characters of Crockford's base32 over SHA-256 of what the decision is about. It leaves out what differs
 * between replicas and retries (via, uid, counts), so that they agree and a record can be found or computed again.
 */
export function decisionId(
  workload: Subject,
  policy: string,
  findings: readonly Pick<Finding, 'reason' | 'scope'>[],
): string {
  const { namespace, account } = workload;
  const { kind, name } = topOwner(workload);
  const reasons = new Set(
    findings.map(({ reason, scope }) => `${reason}|${scope === undefined ? '' : printScope(scope)}`),
  );
  const canonicalText = JSON.stringify([
    1,
    namespace,
    kind,
    name,
    account.name,
    policy,
    [...reasons].toSorted(compareText),
  ]);
  return `d-${crockford(createHash('sha256').update(canonicalText).digest())}`;
}

/** What a decision is about: a workload, or another object that is written. */
type Subject = Pick<WorkloadClaim, 'kind' | 'namespace' | 'name' | 'account' | 'controller' | 'top'>;

/** By what people know a workload: what controls it in the end, else itself. */
export function topOwner(workload: Pick<Subject, 'kind' | 'name' | 'controller' | 'top'>): WorkloadName {
  const { kind, name } = workload.top ?? workload.controller ?? workload;
  return { kind, name };
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/** The first 40 bits. */
function crockford(digest: Uint8Array): string {
  const bits = digest.slice(0, 5).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return [...Array(8).keys()].map((at) => CROCKFORD[Number((bits >> BigInt(35 - 5 * at)) & 31n)]).join('');
}
