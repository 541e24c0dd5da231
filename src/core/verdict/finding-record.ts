import { printScope } from '../scope/print.ts';
import { shown } from '../text.ts';
import type { ActedFinding } from './decision.ts';
import { heldBy } from './findings.ts';

/**
 * A finding as plain data: the one form of it in a Denial, in reports for machines and on the page. Names and codes are
 * API. Every text in it is safe for a terminal, and cut.
 */
export interface FindingRecord {
  readonly check: ActedFinding['check'];
  readonly reason: ActedFinding['reason'];
  readonly action: ActedFinding['action'];
  readonly undetermined: boolean;
  /** One scope expression. */
  readonly scope?: string;
  readonly risk?: string;
  /** Why the risk is what it is. */
  readonly why?: string;
  /** The binding and role, or the Vault login and policies, that give it or would have to. */
  readonly via?: string;
  /** The policy, or the workload, that the reason speaks of. */
  readonly detail?: string;
}

const MAX_TEXT = 500;

export function findingRecord(finding: ActedFinding): FindingRecord {
  const { check, reason, action, undetermined, scope, risk, why, detail } = finding;
  const via = heldBy(finding);
  return {
    check,
    reason,
    action,
    undetermined: undetermined === true,
    ...(scope !== undefined && { scope: shown(printScope(scope), MAX_TEXT) }),
    ...(risk !== undefined && { risk }),
    ...(why !== undefined && { why: shown(why, MAX_TEXT) }),
    ...(via !== '' && { via: shown(via, MAX_TEXT) }),
    ...(detail !== undefined && { detail: shown(detail, MAX_TEXT) }),
  };
}
