import type { Operation } from '../../src/core/admission/review.ts';
import type { Via } from '../../src/core/rbac/held.ts';
import type { AffectedWorkload, GrantEffects } from '../../src/core/verdict/affected.ts';
import type { ActedFinding } from '../../src/core/verdict/decision.ts';
import { scopes } from './verdict.ts';
import { workload } from './workload.ts';

/** What a write would bring, as the judge hands it on; a test writes only what it is about. */

const REASONS = {
  missing: 'Missing',
  excess: 'Excess',
  forbidden: 'ForbiddenHeld',
  overreach: 'Overreach',
  undeclared: 'Undeclared',
} as const;

/** `excess`, and a scope line of the namespace `shop`, or none. */
export function acted(
  check: ActedFinding['check'],
  line: string,
  more: Partial<ActedFinding> = {},
): ActedFinding {
  const [scope] = scopes(line);
  return { check, reason: REASONS[check], action: 'Warn', ...(scope && { scope }), ...more };
}

export function viaBinding(name: string, through?: string): Via {
  return {
    binding: { kind: 'RoleBinding', namespace: 'shop', name },
    role: { kind: 'ClusterRole', namespace: undefined, name: 'view' },
    through,
  };
}

/** The Deployment `name` of the namespace `shop`, which runs as `api`. */
export function affected(name: string, ...findings: ActedFinding[]): AffectedWorkload {
  return { workload: workload({ name }), decision: { outcome: 'warn', id: 'd-1', policy: 'p', findings } };
}

export function effectsOn(
  operation: Operation,
  workloads: readonly AffectedWorkload[],
  more: Partial<GrantEffects> = {},
): GrantEffects {
  const object = { kind: 'RoleBinding', namespace: 'shop', name: 'readers' };
  return { operation, object, workloads, notSeen: { accounts: 0, workloads: 0 }, ...more };
}
