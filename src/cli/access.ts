import { byAccount } from '../admit/by-account.ts';
import { type HeldAccount, idleAccounts } from '../admit/idle-accounts.ts';
import { type Judgement, type JudgeOptions, judgeClaim } from '../admit/judge.ts';
import { resultOf } from '../admit/result.ts';
import { accessOf } from '../core/report/access.ts';
import type { AccessReport, WorkloadAccess } from '../core/report/access-report.ts';
import { compareText } from '../core/scope/canonical.ts';
import { shown } from '../core/text.ts';
import { timeText } from '../core/time.ts';
import { type Survey, surveyOf } from '../facts/cluster/survey.ts';
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

const NO_VAULT = 'Vault is not read here: what its roles and policies give is not listed';

/** Who holds what in the cluster, or in a namespace of it, as far as the viewer may list it. */
export async function accessIn(
  client: KubeClient,
  namespace: string | undefined,
  nowMs: number,
): Promise<AccessReport> {
  const survey = await surveyOf(client, namespace);
  const { world, partial, incomplete } = survey;
  const options = judgeOptions(nowMs);
  const busy = byAccount(judgedIn(survey, nowMs), world, options);
  const idle = idleAccounts(world.accounts(), busy, world, options);
  return accessReport([...busy, ...idle], { partial, incomplete: [...incomplete, NO_VAULT], nowMs });
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
