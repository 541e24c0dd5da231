import type { Account } from '../core/scope/scope.ts';
import { collect } from '../core/verdict/findings.ts';
import type { FixInput } from '../core/verdict/fix.ts';
import type { VerdictInput } from '../core/verdict/verdict.ts';
import { groundsOf, type Judgement, type JudgeOptions } from './judge.ts';
import type { Facts } from './ports.ts';

/** An account has one set of roles, so the workloads that run as it are looked at together. */
export interface JudgedAccount extends Omit<FixInput, 'objects'> {
  readonly judgements: readonly Judgement[];
}

/** @param options as they were judged. */
export function byAccount(
  judgements: readonly Judgement[],
  facts: Facts,
  options: JudgeOptions,
): readonly JudgedAccount[] {
  const groups = Map.groupBy(judgements, ({ workload }) => accountKey(workload.account));
  return [...groups.values()].flatMap((group) => together(group, facts, options) ?? []);
}

export function accountKey({ namespace, name }: Account): string {
  return `${namespace}/${name}`;
}

function together(
  judgements: readonly Judgement[],
  facts: Facts,
  options: JudgeOptions,
): JudgedAccount | undefined {
  const inputs = judgements.map(({ workload }) => groundsOf(workload, facts, options).input);
  const [first] = inputs;
  const account = judgements[0]?.workload.account;
  if (first === undefined || account === undefined) return undefined;
  const input: VerdictInput = {
    ...first,
    needs: inputs.flatMap(({ needs }) => needs),
    sharedNeeds: inputs.flatMap(({ sharedNeeds }) => sharedNeeds),
    declared: inputs.every(({ declared }) => declared),
    undeclaredSiblings: inputs.flatMap(({ undeclaredSiblings }) => undeclaredSiblings),
  };
  return {
    account,
    judgements,
    input,
    verdict: { findings: collect(judgements.flatMap((one) => one.verdict.findings)) },
    decision: { findings: judgements.flatMap((one) => one.decision.findings) },
  };
}
