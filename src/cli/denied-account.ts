import { byAccount, type JudgedAccount } from '../admit/by-account.ts';
import { type Judgement, judgeClaim } from '../admit/judge.ts';
import type { Facts, RunningWorkload } from '../admit/ports.ts';
import { straysOf } from '../admit/siblings.ts';
import { declarationOf, NEEDS } from '../core/admission/declaration.ts';
import type { Scope } from '../core/scope/scope.ts';
import { lastRefused } from '../core/verdict/last-refusal.ts';
import type { StoredDenial } from '../desk/desk.ts';
import type { Survey } from '../facts/cluster/survey.ts';
import { judgeOptions } from './access.ts';
import {
  type Annotations,
  accountOf,
  claimOf,
  foundNeeds,
  LATENT,
  MOUNTED,
  recordedNeeds,
} from './denied-claim.ts';
import { sparedExcess, withExcess, withoutExcess } from './denied-excess.ts';
import {
  isJudgedAgain,
  isOfVault,
  type RecordedFinding,
  type VaultClaim,
  vaultClaim,
} from './denied-login.ts';

/** What a person sees of the cluster where something was refused. */
export interface Sight {
  readonly survey: Survey;
  /** That run as the account; `undefined`: they may not be listed. */
  readonly pods: readonly RunningWorkload[] | undefined;
  readonly nowMs: number;
}

/** Roles or workloads that may not be listed; needs that are not recorded, or cut; findings that are not recorded. */
export type Unknown = 'roles' | 'workloads' | 'needs' | 'cutNeeds' | 'findings';

/** The account of a denial on the facts of now. */
export interface DeniedAccount {
  readonly judged: JudgedAccount;
  /** All that the refused workload needs is known; else only what the denial found missing. */
  readonly whole: boolean;
  /** Why what is too much is left alone; `undefined`: it is not. */
  readonly unknown: Unknown | undefined;
  /** What was found of Vault, where that can't be judged again. */
  readonly unjudged: readonly RecordedFinding[];
}

export function deniedAccount(denial: StoredDenial, sight: Sight): DeniedAccount | undefined {
  const { survey, nowMs } = sight;
  const { workload, serviceAccount } = denial.spec;
  const world = worldOf(denial, sight);
  // With all roles at hand, one that is not among them gives nothing.
  const options = { ...judgeOptions(nowMs), openWorld: survey.partial };
  const judge = (claim: RunningWorkload) => judgeClaim(claim, world, options);
  const running = survey.workloads.filter(
    ({ account }) => account.namespace === denial.namespace && account.name === serviceAccount.name,
  );
  const stored = running.find(({ kind, name }) => kind === workload.kind && name === workload.name);
  const others = running.filter((one) => one !== stored).map(judge);
  const inVault = vaultClaim(denial.spec.findings, accountOf(denial), survey);
  const needs = survey.partial ? undefined : recordedNeeds(denial);
  const recorded = needs === undefined ? [] : [annotationsOf([needs], inVault)];
  const forms = survey.partial ? [] : formsOf(denial, stored, recorded);
  const same = refusedAs(denial, forms.map(judge));
  const known = needs ?? foundNeeds(denial.spec);
  const told = annotationsOf(known === undefined ? undefined : [known, ...inVault.needs], inVault);
  const refused = same ?? judge(claimOf(denial, told, MOUNTED, stored?.uid));
  const [judged] = byAccount([refused, ...others], world, options);
  if (judged === undefined) return undefined;
  const whole = same !== undefined || needs !== undefined;
  const unknown = unknownOf(denial, sight, { whole, isSame: same !== undefined });
  const sharedNeeds = [
    ...judged.input.sharedNeeds,
    ...alsoNeeded(denial, world),
    ...(unknown === undefined ? sparedExcess(refused) : []),
  ];
  const mendable =
    unknown === undefined
      ? withExcess(refused, same === undefined ? denial : undefined)
      : withoutExcess(refused, whole);
  const isVaultJudged = same !== undefined && survey.vault?.read === true;
  const unjudged = denial.spec.findings.filter(
    (finding) => isOfVault(finding) && !isVaultJudged && !isJudgedAgain(finding, survey),
  );
  const mended = { ...judged, input: { ...judged.input, sharedNeeds }, ...mendable };
  return { judged: mended, whole, unknown, unjudged };
}

/** What it declares, and the login that it asks for. */
function annotationsOf(needs: readonly string[] | undefined, { annotations }: VaultClaim): Annotations {
  return { ...(needs !== undefined && { [NEEDS]: needs.join('\n') }), ...annotations };
}

/** What a grant waives for a time is what there is to mend; pods without a known controller need what they declare. */
function worldOf(denial: StoredDenial, { survey, pods = [] }: Sight): Facts {
  const { world } = survey;
  const { namespace, name } = accountOf(denial);
  return {
    ...world,
    grants: () => [],
    runningAs: (account) => [
      ...world.runningAs(account),
      ...(account.namespace === namespace && account.name === name ? straysOf(pods, world) : []),
    ],
  };
}

/** What may have been refused: what is stored, and what is recorded. */
function formsOf(
  denial: StoredDenial,
  stored: RunningWorkload | undefined,
  recorded: readonly Annotations[],
): readonly RunningWorkload[] {
  const claims = recorded.flatMap((annotations) =>
    [MOUNTED, LATENT].map((tokens) => claimOf(denial, annotations, tokens, stored?.uid)),
  );
  return [...(stored ? [stored] : []), ...claims];
}

function refusedAs({ name }: StoredDenial, judgements: readonly Judgement[]): Judgement | undefined {
  return judgements.find(({ decision }) => decision.id === name);
}

function unknownOf(
  denial: StoredDenial,
  { survey, pods }: Sight,
  { whole, isSame }: { readonly whole: boolean; readonly isSame: boolean },
): Unknown | undefined {
  if (survey.partial) return 'roles';
  if (!whole) return lastRefused(denial).needs === undefined ? 'needs' : 'cutNeeds';
  if (survey.unseenNeeds || pods === undefined) return 'workloads';
  return !isSame && (denial.spec.moreFindings ?? 0) > 0 ? 'findings' : undefined;
}

/**
 * By all that runs, whatever the policy measures excess against: also by the form that is stored, until the refused one is let
 * in; by the one that is recorded; and what the account declares, since the needs of the refused one may have been its.
 */
function alsoNeeded(denial: StoredDenial, facts: Facts): readonly Scope[] {
  const account = accountOf(denial);
  const ofAccount = facts.account(account)?.needs;
  const { needs } = lastRefused(denial);
  const recorded = needs === undefined ? {} : { [NEEDS]: needs.join('\n') };
  const place = { namespace: account.namespace, resources: facts.resources };
  return [...facts.runningAs(account).map(({ annotations }) => annotations), recorded, {}].flatMap(
    (annotations) => declarationOf(annotations, ofAccount, place).needs,
  );
}
