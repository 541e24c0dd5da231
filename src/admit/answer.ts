import type { Moment } from '../core/admission/moment.ts';
import type { Cause, Refusal } from '../core/admission/response.ts';
import type { Owner, WorkloadClaim } from '../core/admission/workload.ts';
import type { FieldProblem } from '../core/inject/annotations.ts';
import type { Account, Scope } from '../core/scope/scope.ts';
import { counted, shown } from '../core/text.ts';
import { type ActedFinding, type Decision, decisionId, topOwner } from '../core/verdict/decision.ts';
import type { WorkloadName } from '../core/verdict/grants.ts';
import { causesOf, denialMessage, subject, warningLines } from '../core/verdict/message.ts';
import type { WaivableCheck } from '../core/verdict/policy.ts';
import { type ReasonCode, reasonOf } from '../core/verdict/reasons.ts';
import { waivableChecks } from '../core/verdict/waivable.ts';
import type { Judgement } from './judge.ts';

/** What an endpoint says, before it becomes an AdmissionReview and a log line. */
export interface Answer {
  readonly verdict: 'allow' | 'warn' | 'deny' | 'error';
  readonly codes: readonly ReasonCode[];
  readonly account?: Account;
  readonly moment?: Moment;
  /** What controls the object, where something does. */
  readonly controller?: Owner | undefined;
  readonly decision?: string | undefined;
  /** The policy that gave the actions. */
  readonly policy?: string;
  readonly refusal?: Refusal;
  readonly warnings?: readonly string[];
  readonly patch?: readonly object[];
  /** What it is about, as the decision's id has it. */
  readonly subject?: WorkloadName;
  /** Of a refusal for what an account may and needs; other refusals have only their causes. */
  readonly findings?: readonly ActedFinding[];
  /** Of the findings, the checks that a grant may waive. */
  readonly mayWaive?: readonly WaivableCheck[];
  /** Of a refused workload that declares its needs: those, and what its credentials imply, placed. */
  readonly needs?: readonly Scope[];
  /** Those that waived something, as `NAMESPACE/NAME`. */
  readonly grants?: readonly string[];
}

export const ALLOW: Answer = { verdict: 'allow', codes: [] };

/**
 * The answer that a judgement amounts to.
 * @param dryRun of the request: then nothing is recorded of it.
 */
export function answerOf(judgement: Judgement, dryRun = false): Answer {
  const { workload, decision, verdict, problems, policy } = judgement;
  const { account } = workload;
  if (problems.length > 0) {
    const refused = invalid(workload, policy.name, 'DeclarationInvalid', problems);
    return judgement.moment === 'change' ? refused : asWarning(refused);
  }
  const codes = codesOf(decision);
  const { grants } = judgement;
  const about = {
    account,
    policy: policy.name,
    subject: topOwner(workload),
    ...(grants.length > 0 && { grants }),
  };
  const remarks = remarksOf(judgement);
  switch (decision.outcome) {
    case 'allow':
      return { ...ALLOW, ...about, ...(remarks.length > 0 && { warnings: remarks }) };
    case 'warn':
      return {
        verdict: 'warn',
        codes,
        ...about,
        decision: decision.id,
        warnings: [...warningLines(workload, decision, verdict.bindings), ...remarks],
      };
    case 'deny': {
      const isRecorded = judgement.moment === 'change' && !dryRun;
      const { id, findings } = decision;
      const mayWaive = waivableChecks(findings, policy.grants.mayWaive);
      const message = denialMessage(
        workload,
        decision,
        verdict.bindings,
        isRecorded ? { mayWaive } : undefined,
      );
      const refusal: Refusal = { code: 403, reason: 'Forbidden', message, causes: causesOf(decision) };
      const { declared, needs } = judgement.declaration;
      const record = { findings, mayWaive, ...(declared && { needs }) };
      return { verdict: 'deny', codes, ...about, decision: id, refusal, warnings: remarks, ...record };
    }
  }
}

/** Mistakes that a person can mend at once. What is so by design (a shared account, Vault) would only be noise here. */
const REMARKS: readonly ReasonCode[] = [
  'ScopeNote',
  'NoSuchAccount',
  'DanglingRole',
  'UnfilledAggregate',
  'GrantUsed',
];
const MAX_REMARKS = 3;

/** Notes for whoever changes something; a controller would not read them. */
function remarksOf({ moment, workload, notes }: Judgement): readonly string[] {
  if (moment !== 'change') return [];
  const told = notes.filter(({ reason }) => REMARKS.includes(reason)).slice(0, MAX_REMARKS);
  return told.map(({ message }) => shown(`${subject(workload)}: ${message}`, 250));
}

/** A node that was drained is no reason to refuse what was let in: its pods come back, with the mistake said. */
function asWarning({ refusal, ...answer }: Answer): Answer {
  const [first = ''] = refusal?.message.split('\n') ?? [];
  return { ...answer, verdict: 'warn', warnings: [shown(first, 250)] };
}

function codesOf(decision: Decision): readonly ReasonCode[] {
  return [...new Set(decision.findings.map(({ reason }) => reason))];
}

/** Mistakes in what a person wrote, or parts of a pod that are not as they must be: refused, all of them at once. */
export function invalid(
  workload: WorkloadClaim,
  policy: string,
  reason: ReasonCode,
  problems: readonly FieldProblem[],
): Answer {
  const decision = decisionId(workload, policy, [{ reason }]);
  const { sentence, next } = reasonOf(reason);
  const count = counted(problems.length, 'problem');
  const [first] = problems;
  // Events show one line only, so the first problem stands in it.
  const cause = first === undefined ? '' : ` (${shown(problemText(first), 300)})`;
  const message = [
    `${owned(workload)}: ${sentence}: ${count}${cause} [${decision}, policy ${shown(policy)}]`,
    ...problems.slice(0, MAX_PROBLEMS).map((problem) => `  ${shown(problemText(problem), 500)}`),
    ...(problems.length > MAX_PROBLEMS ? [`  … and ${problems.length - MAX_PROBLEMS} more`] : []),
    ...(next === undefined ? [] : [`next: ${next}`]),
  ].join('\n');
  return deny(workload, {
    decision,
    policy,
    reason,
    message,
    causes: problems.slice(0, 50).map((problem) => toCause(reason, problem)),
  });
}

/** `countersign.dev/needs: line 1, column 5: expected a resource`. */
export function problemText({ field, message, line, column }: FieldProblem): string {
  return line === undefined
    ? `${field}: ${message}`
    : `${field}: line ${line}, column ${column ?? 1}: ${message}`;
}

const MAX_PROBLEMS = 20;

/** A refusal that needs no list: the sentence of its reason is all there is. */
export function refusedFor(workload: WorkloadClaim, policy: string, reason: ReasonCode): Answer {
  const decision = decisionId(workload, policy, [{ reason }]);
  const { sentence, next } = reasonOf(reason);
  const first = `${owned(workload)} ${sentence} [${decision}, policy ${shown(policy)}]`;
  const message = next === undefined ? first : `${first}\nnext: ${next}`;
  return deny(workload, { decision, policy, reason, message, causes: [] });
}

interface Denied {
  readonly decision: string;
  readonly policy: string;
  readonly reason: ReasonCode;
  readonly message: string;
  readonly causes: readonly Cause[];
}

function deny(workload: WorkloadClaim, { decision, policy, reason, message, causes }: Denied): Answer {
  const all = causes.length > 0 ? causes : [{ reason, message: reasonOf(reason).sentence }];
  return {
    verdict: 'deny',
    codes: [reason],
    account: workload.account,
    subject: topOwner(workload),
    decision,
    policy,
    refusal: { code: 403, reason: 'Forbidden', message, causes: all },
  };
}

function toCause(reason: ReasonCode, { field, message }: FieldProblem): Cause {
  return { reason, message: shown(message, 500), field: shown(field) };
}

/** A pod that a controller makes is named by its owner, which is what people know. */
function owned(workload: WorkloadClaim): string {
  const { controller, kind } = workload;
  return controller === undefined
    ? subject(workload)
    : `${subject({ ...workload, ...controller })} ${shown(kind)}`;
}
