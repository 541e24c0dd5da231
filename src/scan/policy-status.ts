import { policyStatus, problemText, writtenProblems } from '../api/policy-status.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../core/json.ts';
import { counted } from '../core/text.ts';
import { timeText } from '../core/time.ts';
import type { PolicyReach } from './pass.ts';
import { ENFORCED_LABEL } from './pass.ts';

/** The status of a ScopePolicy, as the leader writes it. Conditions: KEP-1623. */

interface Condition {
  readonly type: 'Valid' | 'Enforced';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/**
 * @param object the ScopePolicy as it is stored.
 * @param reach `undefined`: its workloads were not counted.
 * @returns a JSON merge patch of `status`: what no longer counts is null.
 */
export function statusPatch(object: JsonObject, reach: PolicyReach | undefined, now: Date): JsonObject {
  const { problems, lastValid, mode } = policyStatus(object);
  const generation = objectOf(object['metadata'])['generation'] ?? null;
  const before = listOf(objectOf(object['status'])['conditions']).map(objectOf);
  const conditions = [validOf(problems.map(problemText)), enforcedOf(mode, reach)].map((condition) =>
    dated(condition, { before, generation, now }),
  );
  return {
    observedGeneration: generation,
    conditions,
    problems: problems.length === 0 ? null : writtenProblems(problems),
    lastValid: lastValid ?? null,
    mode: mode ?? null,
    matchedWorkloads: reach?.workloads ?? null,
    wouldDeny: reach?.wouldDeny ?? null,
    wouldWarn: reach?.wouldWarn ?? null,
    evaluatedAt: reach === undefined ? null : timeText(now.getTime()),
  };
}

const MAX_MESSAGE = 4000;

function validOf(problems: readonly string[]): Condition {
  if (problems.length === 0) {
    return { type: 'Valid', status: 'True', reason: 'Valid', message: 'the policy counts as it is' };
  }
  const message = problems.join('\n').slice(0, MAX_MESSAGE);
  return { type: 'Valid', status: 'False', reason: 'NotValid', message };
}

function enforcedOf(mode: string | undefined, reach: PolicyReach | undefined): Condition {
  const type = 'Enforced';
  if (reach === undefined) {
    return { type, status: 'Unknown', reason: 'NotCounted', message: 'no version of the policy counts' };
  }
  if (mode !== 'Enforce') {
    return { type, status: 'True', reason: 'NothingDenied', message: 'the policy denies nothing' };
  }
  const { unenforcedNamespaces: count } = reach;
  if (count === 0) {
    return {
      type,
      status: 'True',
      reason: 'Labelled',
      message: 'every namespace that it reaches is labelled',
    };
  }
  const message = `${counted(count, 'namespace')} that it reaches without the label ${ENFORCED_LABEL}=true: there its denials only warn`;
  return { type, status: 'False', reason: 'NamespacesNotLabelled', message };
}

function dated(
  condition: Condition,
  { before, generation, now }: { before: readonly JsonObject[]; generation: JsonObject[string]; now: Date },
): JsonObject {
  const earlier = before.find(({ type }) => type === condition.type);
  const same = earlier?.['status'] === condition.status;
  const since = same ? textOf(earlier?.['lastTransitionTime']) : undefined;
  return {
    ...condition,
    observedGeneration: generation,
    lastTransitionTime: since ?? timeText(now.getTime()),
  };
}
