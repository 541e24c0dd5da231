import { accountKey, byAccount } from '../admit/by-account.ts';
import { type HeldAccount, idleAccounts } from '../admit/idle-accounts.ts';
import { type Judgement, type JudgeOptions, judgeClaim } from '../admit/judge.ts';
import { resultOf } from '../admit/result.ts';
import { accessOf } from '../core/report/access.ts';
import type { AccessReport, WorkloadAccess } from '../core/report/access-report.ts';
import { compareText } from '../core/scope/canonical.ts';
import type { Account } from '../core/scope/scope.ts';
import { shown } from '../core/text.ts';
import { timeText } from '../core/time.ts';
import { subject } from '../core/verdict/message.ts';
import { type Survey, type SurveyedVault, surveyOf } from '../facts/cluster/survey.ts';
import { withVault } from '../facts/surveyed-vault.ts';
import type { PersonalVault } from '../facts/vault/personal.ts';
import type { KubeClient } from '../kube/client.ts';

/** How people ask without a webhook at hand: a change, and nothing that is asked of the API server live. */
export function judgeOptions(nowMs: number): JudgeOptions {
  return {
    moment: 'change',
    dryRun: false,
    openWorld: true,
    factsMaxAgeSeconds: Number.POSITIVE_INFINITY,
    nowMs,
  };
}

export function judgedIn({ world, workloads }: Survey, nowMs: number): readonly Judgement[] {
  return workloads.map((workload) => judgeClaim(workload, world, judgeOptions(nowMs)));
}

const NO_VAULT =
  'Vault is not read here: what its roles and policies give is not listed; --vault default reads it, with your token';

export interface AccessQuestion {
  /** Whose workloads and accounts are looked at; `undefined`: those of the cluster. */
  readonly namespace: string | undefined;
  readonly nowMs: number;
  /** To be read as well. */
  readonly vault?: PersonalVault | undefined;
}

/** Who holds what in the cluster, or in a namespace of it, as far as the viewer may list it. */
export async function accessIn(
  client: KubeClient,
  { namespace, nowMs, vault }: AccessQuestion,
): Promise<AccessReport> {
  const listed = await surveyOf(client, namespace);
  const survey = vault === undefined ? listed : await withVault(listed, vault, accountsOf(listed));
  const { world, partial, incomplete } = survey;
  const options = judgeOptions(nowMs);
  const judgements = judgedIn(survey, nowMs);
  const busy = byAccount(judgements, world, options);
  const idle = idleAccounts(world.accounts(), busy, world, options);
  const unread = survey.vault === undefined ? [NO_VAULT] : unreadIn(survey.vault, judgements);
  return accessReport([...busy, ...idle], { partial, incomplete: [...incomplete, ...unread], nowMs });
}

/** Those that a workload runs as need not be there, or be listed. */
function accountsOf({ world, workloads }: Survey): readonly Account[] {
  const all = [...world.accounts(), ...workloads.map(({ account }) => account)];
  return [...new Map(all.map((account) => [accountKey(account), account])).values()];
}

/** Beside what of the one could not be read: the others that workloads ask for. */
function unreadIn({ name, incomplete }: SurveyedVault, judgements: readonly Judgement[]): readonly string[] {
  const elsewhere = judgements.flatMap(({ login, workload }) =>
    login === undefined || login.connection === name ? [] : [{ login, workload }],
  );
  const others = [...Map.groupBy(elsewhere, ({ login }) => login.connection)];
  return [
    ...incomplete,
    ...others.map(([connection, asking]) => {
      const names = asking.slice(0, 3).map(({ workload }) => subject(workload));
      const more = asking.length > names.length ? ` and ${asking.length - names.length} more` : '';
      return shown(
        `Vault connection ${connection} is not read here: asked for by ${names.join(', ')}${more}`,
        500,
      );
    }),
  ];
}

export interface ReportContext {
  readonly partial: boolean;
  readonly incomplete: readonly string[];
  readonly nowMs: number;
}

/** Of an account as which nothing runs only if it holds something beyond what every account does. */
export function accessReport(
  accounts: readonly HeldAccount[],
  { partial, incomplete, nowMs }: ReportContext,
): AccessReport {
  const sorted = accounts.toSorted(
    (a, b) =>
      compareText(a.account.namespace, b.account.namespace) || compareText(a.account.name, b.account.name),
  );
  const all = sorted.map(({ account, input, judgements }) =>
    accessOf({ account, input, partial, workloads: judgements.map(workloadAccess) }),
  );
  return {
    madeAt: timeText(nowMs),
    factsAgeSeconds: 0,
    incomplete,
    accounts: all.filter(({ workloads, held }) => workloads.length > 0 || held > 0),
  };
}

function workloadAccess(judgement: Judgement): WorkloadAccess {
  const { workload, policy, declaration } = judgement;
  return {
    kind: shown(workload.kind),
    name: shown(workload.name),
    policy: shown(policy.name),
    declared: declaration.declared,
    result: resultOf(judgement),
  };
}
