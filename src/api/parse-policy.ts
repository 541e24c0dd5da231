import { compilePolicy } from '../core/verdict/compile.ts';
import type { Policy } from '../core/verdict/policy.ts';
import type { PolicyProblem } from '../core/verdict/policy-source.ts';
import { SCOPE_POLICY_SCHEMA, type ScopePolicySource } from './scope-policy.ts';
import { createValidator, type ShapeProblem } from './validate.ts';

export interface ParsedPolicy {
  /** Given only when there is no problem. */
  readonly policy: Policy | undefined;
  readonly problems: readonly PolicyProblem[];
}

let validate: ReturnType<typeof createValidator> | undefined;

/** Unknown data as a ScopePolicy: its shape, and what its lines say wherever the shape lets them be read. */
export function parsePolicy(object: unknown): ParsedPolicy {
  validate ??= createValidator(SCOPE_POLICY_SCHEMA);
  const problems = validate(object);
  if (problems.length === 0) return compilePolicy(object as ScopePolicySource);
  const readable = withoutFields(object, problems);
  const further = readable === undefined ? [] : compilePolicy(readable).problems;
  return { policy: undefined, problems: [...problems, ...further] };
}

/** The policy without the fields of its spec that have problems; `undefined` where the problems lie elsewhere too. */
function withoutFields(object: unknown, problems: readonly ShapeProblem[]): ScopePolicySource | undefined {
  const wrong = new Set(problems.map(({ path: [root, field] }) => (root === 'spec' ? field : undefined)));
  if (wrong.has(undefined)) return undefined;
  // What a reschedule may do is measured against it.
  if (wrong.has('onChange')) wrong.add('onReschedule');
  const source = object as ScopePolicySource;
  const fields = Object.entries(source.spec).filter(([field]) => !wrong.has(field));
  return { ...source, spec: Object.fromEntries(fields) };
}
