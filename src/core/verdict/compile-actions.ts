import type { Risk } from '../scope/risk-table.ts';
import {
  type Action,
  type Actions,
  type CheckName,
  DEFAULT_POLICY,
  isMilder,
  milder,
  type Policy,
} from './policy.ts';
import { POLICY_MESSAGES, stricterThanRisk } from './policy-rules.ts';
import type { ActionsSpec, PolicyProblem, PolicySpec } from './policy-source.ts';

/** Worst first. */
export const RISKS = ['critical', 'high', 'medium', 'low'] as const satisfies readonly Risk[];

/** Those with one action. */
export const PLAIN_CHECKS = [
  'missing',
  'forbidden',
  'overreach',
  'undeclared',
  'undetermined',
] as const satisfies readonly Exclude<CheckName, 'excess'>[];

/** A risk, and the next worse one. */
export const RISK_STEPS: readonly (readonly [lower: Risk, higher: Risk])[] = [
  ['high', 'critical'],
  ['medium', 'high'],
  ['low', 'medium'],
];

type Compiled = Pick<Policy, 'onChange' | 'onReschedule' | 'onGrant'>;

/**
 * The actions of the three moments. What is not named keeps its default; at a reschedule that is never stricter than what
 * a change meets. Contradictions are problems: a lower risk acted on more strictly than a higher one, and a reschedule
 * more strictly than a change.
 */
export function compileActions(spec: PolicySpec, problems: PolicyProblem[]): Compiled {
  const onChange = withDefaults(spec.onChange, DEFAULT_POLICY.onChange);
  const onReschedule = withDefaults(spec.onReschedule, atMost(DEFAULT_POLICY.onReschedule, onChange));
  const onGrant = withDefaults(spec.onGrant, DEFAULT_POLICY.onGrant);
  const moments = { onChange, onReschedule, onGrant };
  for (const [moment, actions] of Object.entries(moments)) {
    if (spec[moment as keyof Compiled]?.excess === undefined) continue;
    for (const message of unordered(actions.excess))
      problems.push({ path: ['spec', moment, 'excess'], message });
  }
  for (const path of stricter(onReschedule, onChange))
    problems.push({ path: ['spec', 'onReschedule', ...path], message: POLICY_MESSAGES.stricterThanChange });
  return moments;
}

function withDefaults({ excess, ...rest }: ActionsSpec = {}, fallback: Actions): Actions {
  return { ...fallback, ...rest, excess: { ...fallback.excess, ...excess } };
}

/** Each action, or the one of `limit` where that is milder. */
function atMost(actions: Actions, limit: Actions): Actions {
  const plain = PLAIN_CHECKS.map((check): [string, Action] => [check, milder(actions[check], limit[check])]);
  const risks = RISKS.map((risk) => [risk, milder(actions.excess[risk], limit.excess[risk])]);
  return { ...actions, ...Object.fromEntries(plain), excess: Object.fromEntries(risks) };
}

function unordered(excess: Actions['excess']): readonly string[] {
  return RISK_STEPS.filter(([lower, higher]) => isMilder(excess[higher], excess[lower])).map(
    ([lower, higher]) => stricterThanRisk(lower, higher),
  );
}

/** The paths of the actions that are stricter than those of `limit`. */
function stricter(actions: Actions, limit: Actions): readonly (readonly string[])[] {
  const plain = PLAIN_CHECKS.filter((check) => isMilder(limit[check], actions[check]));
  const risks = RISKS.filter((risk) => isMilder(limit.excess[risk], actions.excess[risk]));
  return [...plain.map((check) => [check]), ...risks.map((risk) => ['excess', risk])];
}
