import { type Declaration, declarationOf, misplaced, type Parsers } from '../core/admission/declaration.ts';
import { isLatent } from '../core/admission/exposure.ts';
import type { Moment } from '../core/admission/moment.ts';
import type { Workload, WorkloadClaim } from '../core/admission/workload.ts';
import type { FieldProblem } from '../core/inject/annotations.ts';
import { ENV_MINOR } from '../core/inject/nodes.ts';
import { printScope } from '../core/scope/print.ts';
import { resolveScopes } from '../core/scope/resolve.ts';
import type { Scope } from '../core/scope/scope.ts';
import { type Decision, decide } from '../core/verdict/decision.ts';
import { viaText } from '../core/verdict/findings.ts';
import type { GrantRecord } from '../core/verdict/grants.ts';
import { confirmedVerdict, type LiveAnswers } from '../core/verdict/live.ts';
import type { Actions } from '../core/verdict/policy.ts';
import type { ReasonCode } from '../core/verdict/reasons.ts';
import { type EffectivePolicy, selectPolicy } from '../core/verdict/select.ts';
import type { VaultInput } from '../core/verdict/vault.ts';
import type { NamedLogin } from '../core/verdict/vault-login.ts';
import { judge, type Verdict, type VerdictInput, vaultOnly } from '../core/verdict/verdict.ts';
import { namedLogin } from './named-login.ts';
import { withTop } from './owners.ts';
import type { AccountFacts, Facts, RunningWorkload } from './ports.ts';
import { type Others, othersOf } from './siblings.ts';
import { grantNote, waiveByGrants } from './waiver.ts';

/** Everything about one workload: declaration, verdict, and what the policy makes of it. The same for webhook, CLI and demo. */
export interface Judgement {
  readonly workload: WorkloadClaim;
  readonly moment: Moment;
  readonly declaration: Declaration;
  readonly policy: EffectivePolicy;
  /** At Vault, by which the credentials that are asked for would come. */
  readonly login: NamedLogin | undefined;
  readonly verdict: Verdict;
  readonly decision: Decision;
  /** Those that waived something, as `NAMESPACE/NAME`. */
  readonly grants: readonly string[];
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
  /** Since the epoch: grants end by themselves. */
  readonly nowMs: number;
  /** What the API server itself said; absent: it was not asked, and the facts at hand are the proof. */
  readonly live?: LiveFacts | undefined;
  /** Absent: every declaration is parsed anew. */
  readonly parsers?: Parsers;
}

/** Answers of the API server, and the pods that run as the account. */
export interface LiveFacts extends LiveAnswers {
  /** `undefined`: they could not be listed, so somebody may need what seems to be excess. */
  readonly pods: readonly RunningWorkload[] | undefined;
  /** Beside those that are known already. */
  readonly grants: readonly GrantRecord[];
}

/** A workload as it is written: what its own metadata says is looked at too. */
export function judgeWorkload(workload: Workload, facts: Facts, options: JudgeOptions): Judgement {
  const judgement = judgeClaim(workload, facts, options);
  return { ...judgement, problems: [...judgement.problems, ...misplaced(workload)] };
}

export function judgeClaim(claim: WorkloadClaim, facts: Facts, options: JudgeOptions): Judgement {
  const workload = withTop(claim, facts);
  const gathered = gather(workload, facts, options);
  const { known, declaration, policy, login, others } = gathered;
  const input = inputOf(gathered);
  const { live } = options;
  const judged = judge(input);
  const confirmed = live === undefined ? judged : confirmedVerdict(judged, live);
  const { moment } = options;
  const context = { workload, moment, facts, policy, input, newer: live?.grants ?? [] };
  const waived = waiveByGrants(confirmed, context, options.nowMs);
  const verdict = aged(waived.verdict, facts, options.factsMaxAgeSeconds);
  const actions: Actions = moment === 'change' ? policy.onChange : policy.onReschedule;
  const decision = decide(verdict, { workload, policy: policy.name, actions, dryRun: options.dryRun });
  return {
    workload,
    moment,
    declaration,
    policy,
    login,
    verdict,
    decision,
    grants: waived.used.map(({ grant }) => `${grant.namespace}/${grant.name}`),
    problems: declaration.problems,
    notes: [
      ...notesOf(input, declaration, known, others.siblings),
      ...nodesNote(declaration, facts),
      ...waived.used.map(
        (used): Note => ({ reason: 'GrantUsed', message: grantNote(used, decision.outcome) }),
      ),
    ],
  };
}

/** What a verdict on the workload is made of, where it is for others to judge. */
export function groundsOf(workload: WorkloadClaim, facts: Facts, options: JudgeOptions): Grounds {
  const gathered = gather(workload, facts, options);
  const { declaration, policy } = gathered;
  return { declaration, policy, input: inputOf(gathered) };
}

export type Grounds = Pick<Judgement, 'declaration' | 'policy'> & { readonly input: VerdictInput };

interface Gathered {
  readonly workload: WorkloadClaim;
  readonly facts: Facts;
  readonly known: AccountFacts | undefined;
  readonly declaration: Declaration;
  readonly policy: EffectivePolicy;
  readonly login: NamedLogin | undefined;
  readonly others: Others;
  readonly options: JudgeOptions;
}

function gather(workload: WorkloadClaim, facts: Facts, options: JudgeOptions): Gathered {
  const { account, annotations, namespace } = workload;
  const about = { workload, facts, known: facts.account(account), options };
  const declaration = readDeclaration(annotations, about);
  const policy = selectPolicy(facts.policies(), account, facts.namespace(namespace)?.labels ?? {});
  return {
    ...about,
    declaration,
    policy,
    login: namedLogin(workload, declaration.injection, policy),
    others: othersOf(workload, facts, options.live?.pods),
  };
}

/** Of the workload, or of another that runs as its account. */
function readDeclaration(
  annotations: WorkloadClaim['annotations'],
  { workload, facts, known, options }: Pick<Gathered, 'workload' | 'facts' | 'known' | 'options'>,
): Declaration {
  const place = { namespace: workload.namespace, resources: facts.resources };
  return declarationOf(annotations, known?.needs, place, options.parsers);
}

function inputOf(gathered: Gathered): VerdictInput {
  const { workload, facts, known, declaration, policy, others, options } = gathered;
  const { namespace, account } = workload;
  const place = (scopes: readonly Scope[]) => resolveScopes(scopes, namespace, facts.resources).scopes;
  const shared = policy.sharedAccounts === 'Union';
  const siblings = new Set(others.siblings);
  const theirs = (shared ? others.all : []).map((other) => ({
    label: `${other.kind} ${other.name}`,
    isSibling: siblings.has(other),
    declaration: readDeclaration(other.annotations, gathered),
  }));
  return {
    needs: declaration.needs,
    declared: declaration.declared,
    sharedNeeds: [...declaration.needs, ...theirs.flatMap((other) => other.declaration.needs)],
    // What a declaration that can't be read asks for is as unknown as what is not declared.
    undeclaredSiblings: [
      ...theirs
        .filter(
          ({ isSibling, declaration: { declared, problems } }) =>
            isSibling && (!declared || problems.length > 0),
        )
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
    vault: vaultOf(gathered),
  };
}

function vaultOf({ workload, facts, login, options }: Gathered): VaultInput | undefined {
  const held = options.live?.vault ?? facts.vault(workload.account);
  return held && { held, named: login };
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
    ...(vault.length === 0 || input.vault !== undefined
      ? []
      : [
          {
            reason: 'VaultNotRead',
            message: `not judged, no facts about Vault: ${vault.join('; ')}`,
          } as const,
        ]),
  ];
}

/** Admission judges nodes for itself; who asks without a cluster hears that nobody did. */
function nodesNote({ injection }: Declaration, facts: Facts): readonly Note[] {
  if (injection === undefined || injection.env.length === 0) return [];
  for (const _ of facts.nodes()) return [];
  const message = `not judged, no facts about nodes: variables need kubelet 1.${ENV_MINOR} wherever the pods may run`;
  return [{ reason: 'NodesNotKnown', message }];
}

function sharedNote(siblings: readonly RunningWorkload[]): Note {
  const names = siblings.slice(0, 3).map(({ kind, name }) => `${kind} ${name}`);
  const more = siblings.length > names.length ? ` and ${siblings.length - names.length} more` : '';
  return { reason: 'SharedAccount', message: `the account is shared with ${names.join(', ')}${more}` };
}
