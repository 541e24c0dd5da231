import { parsePolicy } from '../api/parse-policy.ts';
import { compareText } from '../core/scope/canonical.ts';
import type { Policy } from '../core/verdict/policy.ts';
import type { Report } from './spot.ts';

/** Policies by name. One that becomes invalid keeps its last valid version, so a slip never opens the gate. */
export interface PolicyStore {
  put(name: string, object: unknown, report: Report): void;
  drop(name: string): void;
  /** Sorted by name. */
  all(): readonly Policy[];
}

export function createPolicyStore(): PolicyStore {
  const policies = new Map<string, Policy>();
  let sorted: readonly Policy[] | undefined = [];
  return {
    put(name, object, report) {
      const { policy, problems } = parsePolicy(object);
      for (const problem of problems) report(problem);
      if (policy === undefined) return;
      policies.set(name, policy);
      sorted = undefined;
    },
    drop(name) {
      policies.delete(name);
      sorted = undefined;
    },
    all() {
      sorted ??= [...policies.values()].toSorted((a, b) => compareText(a.name, b.name));
      return sorted;
    },
  };
}
