import { type Declaration, declarationOf, misplaced } from '../core/admission/declaration.ts';
import { isLatent } from '../core/admission/exposure.ts';
import type { Moment } from '../core/admission/moment.ts';
import type { Workload, WorkloadClaim } from '../core/admission/workload.ts';
import type { FieldProblem } from '../core/inject/annotations.ts';
import { printScope } from '../core/scope/print.ts';
import { resolveScopes } from '../core/scope/resolve.ts';
import type { Scope } from '../core/scope/scope.ts';
import { type Decision, decide } from '../core/verdict/decision.ts';
import { viaText } from '../core/verdict/findings.ts';
import { confirmedVerdict, type LiveAnswers } from '../core/verdict/live.ts';
import type { Actions } from '../core/verdict/policy.ts';
import type { ReasonCode } from '../core/verdict/reasons.ts';
import { type EffectivePolicy, selectPolicy } from '../core/verdict/select.ts';
import { judge, type Verdict, type VerdictInput, vaultOnly } from '../core/verdict/verdict.ts';
import type { AccountFacts, Facts, RunningWorkload } from './ports.ts';

/** Everything about one workload: declaration, verdict, and what the policy makes of it. The same for webhook, CLI and demo. */
export interface Judgement {
  readonly workload: WorkloadClaim;
  readonly moment: Moment;
  readonly declaration: Declaration;
  readonly policy: EffectivePolicy;
  readonly verdict: Verdict;
  readonly decision: Decision;
  /** Mistakes in the declaration: the workload is refused until they are corrected. */
  readonly problems: readonly FieldProblem[];
  /** Worth saying, never a reason to refuse. */
  readonly notes: readonly Note[];
}

export interface Note {
  readonly reason: ReasonCode;
  readonly message: string;
}

export interface JudgeOptions {
  readonly moment: Moment;
  readonly dryRun: boolean;
  /** A role that is not found may exist elsewhere. */
  readonly openWorld: boolean;
  /** Facts older than this prove nothing. */
  readonly factsMaxAgeSeconds: number;
  /** What the API server itself said; absent: it was not asked, and the facts at hand are the proof. */
  readonly live?: LiveFacts | undefined;
}

/** Answers of the API server, and the pods that run as the account. */
export interface LiveFacts extends LiveAnswers {
  /** `undefined`: they could not be listed, so somebody may need what seems to be excess. */
  readonly pods: readonly RunningWorkload[] | undefined;
}

/** A workload as it is written: what its own metadata says is looked at too. */
export function judgeWorkload(workload: Workload, facts: Facts, options: JudgeOptions): Judgement {
  const judgement = judgeClaim(workload, facts, options);
  return { ...judgement, problems: [...judgement.problems, ...misplaced(workload)] };
}

export function judgeClaim(workload: WorkloadClaim, facts: Facts, options: JudgeOptions): Judgement {
  const { account, namespace } = workload;
  const known = facts.account(account);
  const declaration = declarationOf(workload.annotations, known?.needs, namespace, facts.resources);
  const policy = selectPolicy(facts.policies(), account, facts.namespace(namespace)?.labels ?? {});
  const { live } = options;
  const siblings = siblingsOf(workload, facts, live?.pods);
  const input = inputOf({
    workload,
    facts,
    known,
    declaration,
    policy,
    siblings,
    options,
  });
  const judged = judge(input);
  const confirmed = live === undefined ? judged : confirmedVerdict(judged, live);
  const verdict = aged(confirmed, facts, options.factsMaxAgeSeconds);
  const actions: Actions = options.moment === 'change' ? policy.onChange : policy.onReschedule;
  const context = { workload, policy: policy.name, actions, dryRun: options.dryRun };
  return {
    workload,
    moment: options.moment,
    declaration,
    policy,
    verdict,
    decision: decide(verdict, context),
    problems: declaration.problems,
    notes: notesOf(input, declaration, known, siblings),
  };
}

interface Gathered {
  readonly workload: WorkloadClaim;
  readonly facts: Facts;
  readonly known: AccountFacts | undefined;
  readonly declaration: Declaration;
  readonly policy: EffectivePolicy;
  readonly siblings: readonly RunningWorkload[];
  readonly options: JudgeOptions;
}

function inputOf(gathered: Gathered): VerdictInput {
  const { workload, facts, known, declaration, policy, siblings, options } = gathered;
  const { namespace, account } = workload;
  const place = (scopes: readonly Scope[]) => resolveScopes(scopes, namespace, facts.resources).scopes;
  const others = policy.sharedAccounts === 'Exact' ? [] : siblings;
  const theirs = others.map((sibling) => ({
    label: `${sibling.kind} ${sibling.name}`,
    declaration: declarationOf(sibling.annotations, known?.needs, namespace, facts.resources),
  }));
  return {
    needs: declaration.needs,
    declared: declaration.declared,
    sharedNeeds: [...declaration.needs, ...theirs.flatMap((other) => other.declaration.needs)],
    // What a declaration that can't be read asks for is as unknown as what is not declared.
    undeclaredSiblings: [
      ...theirs
        .filter(({ declaration: { declared, problems } }) => !declared || problems.length > 0)
        .map(({ label }) => label),
      ...(options.live !== undefined && options.live.pods === undefined
        ? ['pods that could not be listed']
        : []),
    ],
    held: facts.held(account, options.live?.overlay),
    alsoHeld: options.live?.allowed ?? [],
    openWorld: options.openWorld,
    latent: isLatent(workload.tokens, known),
    allow: place(policy.allow),
    forbid: policy.forbid,
    ceilings: policy.ceilings.map(({ policy: name, scopes }) => ({ policy: name, scopes: place(scopes) })),
    resources: facts.resources,
  };
}

/** Others that run as the account: not the object itself, and not what it controls. */
function siblingsOf(
  workload: WorkloadClaim,
  facts: Facts,
  pods: readonly RunningWorkload[] = [],
): readonly RunningWorkload[] {
  // Pods are not watched: those of a known workload are spoken for by it.
  const own = pods.filter(({ controller }) => controller === undefined || !facts.workload(controller.uid));
  return [...facts.runningAs(workload.account), ...own].filter(
    (other) =>
      !(other.kind === workload.kind && other.name === workload.name) &&
      (workload.uid === undefined || other.controller?.uid !== workload.uid) &&
      (workload.controller === undefined || other.uid !== workload.controller.uid),
  );
}

/** What stale facts say may have been true; nothing of it is proved any more, and a pass is none. */
function aged(verdict: Verdict, facts: Facts, maxAgeSeconds: number): Verdict {
  if (facts.freshness().ageSeconds <= maxAgeSeconds) return verdict;
  const open = verdict.findings.map((finding) => ({ ...finding, undetermined: true as const }));
  const stale = { check: 'missing', reason: 'FactsTooOld', undetermined: true } as const;
  const checks = { ...verdict.checks, missing: 'undetermined', excess: 'undetermined' } as const;
  return { ...verdict, checks, findings: [stale, ...open] };
}

function notesOf(
  input: VerdictInput,
  declaration: Declaration,
  known: AccountFacts | undefined,
  siblings: readonly RunningWorkload[],
): readonly Note[] {
  const { held } = input;
  const vault = vaultOnly(input.needs).map(printScope);
  return [
    ...(known === undefined
      ? [{ reason: 'NoSuchAccount', message: 'the service account does not exist (yet)' } as const]
      : []),
    ...declaration.notes.map((message): Note => ({ reason: 'ScopeNote', message })),
    ...held.dangling.map(
      (via): Note => ({ reason: 'DanglingRole', message: `${viaText(via)}: the role does not exist` }),
    ),
    ...held.unfilled.map(
      (via): Note => ({ reason: 'UnfilledAggregate', message: `${viaText(via)}: no rules yet` }),
    ),
    ...(siblings.length === 0 ? [] : [sharedNote(siblings)]),
    ...(vault.length === 0
      ? []
      : [
          {
            reason: 'VaultNotRead',
            message: `not judged, no facts about Vault: ${vault.join('; ')}`,
          } as const,
        ]),
  ];
}

function sharedNote(siblings: readonly RunningWorkload[]): Note {
  const names = siblings.slice(0, 3).map(({ kind, name }) => `${kind} ${name}`);
  const more = siblings.length > names.length ? ` and ${siblings.length - names.length} more` : '';
  return { reason: 'SharedAccount', message: `the account is shared with ${names.join(', ')}${more}` };
}
