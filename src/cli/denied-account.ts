import { byAccount, type JudgedAccount } from '../admit/by-account.ts';
import { judgeClaim } from '../admit/judge.ts';
import type { RunningWorkload } from '../admit/ports.ts';
import { parseScopes } from '../core/scope/parse.ts';
import type { ActedFinding } from '../core/verdict/decision.ts';
import type { StoredDenial } from '../desk/desk.ts';
import type { Survey } from '../facts/cluster/survey.ts';
import { judgeOptions } from './access.ts';

/** The account of a denial on the facts of now. */
export interface DeniedAccount {
  readonly judged: JudgedAccount;
  /** Roles and bindings are known, and what was refused is what is stored, so its needs are too; else only those that the denial found missing. */
  readonly whole: boolean;
}

export function deniedAccount(
  denial: StoredDenial,
  survey: Survey,
  nowMs: number,
): DeniedAccount | undefined {
  const { workloads } = survey;
  // What a grant waives for a time is what there is to mend.
  const world = { ...survey.world, grants: () => [] };
  const { namespace, spec } = denial;
  const options = judgeOptions(nowMs);
  const running = workloads.filter(
    ({ account }) => account.namespace === namespace && account.name === spec.serviceAccount.name,
  );
  const isRefused = ({ kind, name }: RunningWorkload) =>
    kind === spec.workload.kind && name === spec.workload.name;
  const judgements = running.map((one) => judgeClaim(one, world, options));
  const isWhole =
    !survey.partial &&
    judgements.some(({ workload, decision }) => isRefused(workload) && decision.id === denial.name);
  const others = judgements.filter(({ workload }) => !isRefused(workload));
  const claim = judgeClaim(claimOf(denial), world, options);
  const [judged] = byAccount(isWhole ? judgements : [claim, ...others], world, options);
  if (judged === undefined) return undefined;
  return { whole: isWhole, judged: isWhole ? judged : neededOnly(judged) };
}

/** Without its other needs nobody can say what is too much. */
function neededOnly({ verdict, ...rest }: JudgedAccount): JudgedAccount {
  const findings = verdict.findings.filter(({ check }) => check !== 'excess');
  const acted = findings.map((finding): ActedFinding => ({ ...finding, action: 'Deny' }));
  return { ...rest, verdict: { findings }, decision: { findings: acted } };
}

const NEEDS = 'countersign.dev/needs';

/** It declares what the denial found it to need, and nothing at all where it was found to declare nothing. */
function claimOf({ namespace, spec }: StoredDenial): RunningWorkload {
  const { workload, serviceAccount, findings } = spec;
  const undeclared = findings.some(({ check }) => check === 'undeclared');
  const needed = findings.flatMap(({ check, reason, scope }) => {
    const isNeed = check === 'missing' || check === 'overreach' || reason === 'ForbiddenNeed';
    return isNeed && scope !== undefined && isKubernetes(scope) ? [scope] : [];
  });
  return {
    kind: workload.kind,
    namespace,
    name: workload.name,
    account: { namespace, name: serviceAccount.name },
    annotations: undeclared ? {} : { [NEEDS]: needed.join('\n') },
    tokens: { automount: undefined, mounted: true, secrets: [] },
    controller: undefined,
    uid: undefined,
  };
}

/** One that was cut when it was recorded can't be read any more. */
function isKubernetes(line: string): boolean {
  const { scopes, problems } = parseScopes(line);
  return problems.length === 0 && scopes.every(({ scope }) => scope.kind !== 'vault');
}
