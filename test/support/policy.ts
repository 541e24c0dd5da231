import { compilePolicy } from '../../src/core/verdict/compile.ts';
import type { Policy } from '../../src/core/verdict/policy.ts';
import type { PolicySpec } from '../../src/core/verdict/policy-source.ts';

/** A compiled policy; a test that writes a wrong one fails here. */
export function policy(name: string, spec: PolicySpec): Policy {
  const compiled = compilePolicy({ metadata: { name }, spec });
  if (compiled.policy === undefined) throw new Error(JSON.stringify(compiled.problems));
  return compiled.policy;
}
