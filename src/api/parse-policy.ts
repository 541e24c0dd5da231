import { compilePolicy } from '../core/verdict/compile.ts';
import type { Policy } from '../core/verdict/policy.ts';
import { SCOPE_POLICY_SCHEMA, type ScopePolicySource } from './scope-policy.ts';
import { createValidator, type ShapeProblem } from './validate.ts';

export interface ParsedPolicy {
  /** Given only when there is no problem. */
  readonly policy: Policy | undefined;
  readonly problems: readonly ShapeProblem[];
}

let validate: ReturnType<typeof createValidator> | undefined;

/** Unknown data as a ScopePolicy: its shape first, then what its lines say. All problems at once. */
export function parsePolicy(object: unknown): ParsedPolicy {
  validate ??= createValidator(SCOPE_POLICY_SCHEMA);
  const problems = validate(object);
  return problems.length === 0 ? compilePolicy(object as ScopePolicySource) : { policy: undefined, problems };
}
