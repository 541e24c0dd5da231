import { type PolicyStatus, policyStatus, problemText } from '../api/policy-status.ts';
import { compareText } from '../core/scope/canonical.ts';
import { shown } from '../core/text.ts';
import type { Policy } from '../core/verdict/policy.ts';
import type { Report } from './spot.ts';

/** Policies by name. One that becomes invalid keeps its last valid version, so a slip never opens the gate. */
export interface PolicyStore {
  put(name: string, object: unknown, report: Report): void;
  drop(name: string): void;
  /** Those that count, sorted by name. */
  all(): readonly Policy[];
  /** Of each policy, sorted by name. */
  states(): readonly PolicyState[];
}

export interface PolicyState extends PolicyStatus {
  readonly name: string;
}

export function createPolicyStore(): PolicyStore {
  const known = new Map<string, PolicyState>();
  let sorted: readonly PolicyState[] = [];
  let policies: readonly Policy[] = [];

  function changed(): void {
    sorted = [...known.values()].toSorted((a, b) => compareText(a.name, b.name));
    policies = sorted.flatMap(({ policy }) => policy ?? []);
  }

  return {
    put(name, object, report) {
      const status = policyStatus(object, known.get(name));
      for (const problem of status.problems) report(problem);
      known.set(name, { ...status, name });
      changed();
    },
    drop(name) {
      known.delete(name);
      changed();
    },
    all: () => policies,
    states: () => sorted,
  };
}

/** What has to be said about a policy that is not valid; `undefined` for one that is. Safe to print. */
export function complaintOf({ name, state, problems }: PolicyState): string | undefined {
  if (state === 'valid') return undefined;
  const counts = state === 'lastValid' ? 'its last valid version counts' : 'it has no effect';
  const [first, ...others] = problems.map(problemText);
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `ScopePolicy ${shown(name)} is not valid, so ${counts}: ${first ?? ''}${more}`;
}
