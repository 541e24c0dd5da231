import type { Moment } from '../core/admission/moment.ts';
import type { WorkloadClaim } from '../core/admission/workload.ts';
import { timeText } from '../core/time.ts';
import type { Decision } from '../core/verdict/decision.ts';
import {
  activeGrants,
  type GrantRecord,
  type LiveGrant,
  mergedRecords,
  type WorkloadName,
} from '../core/verdict/grants.ts';
import type { EffectivePolicy } from '../core/verdict/select.ts';
import type { Verdict, VerdictInput } from '../core/verdict/verdict.ts';
import { type Waived, waive } from '../core/verdict/waive.ts';
import { isKnown, ownersOf } from './owners.ts';
import type { Facts } from './ports.ts';

/** For whom, and by what, a verdict came about. */
export interface Judged {
  readonly workload: WorkloadClaim;
  readonly moment: Moment;
  readonly facts: Facts;
  readonly policy: EffectivePolicy;
  readonly input: VerdictInput;
  /** Grants and decisions that the caches may not have yet. */
  readonly newer: readonly GrantRecord[];
}

/** The verdict without what the account's grants cover at this time. */
export function waiveByGrants(verdict: Verdict, judged: Judged, nowMs: number): Waived {
  const { workload, facts, policy, input, newer } = judged;
  const { maxDurationSeconds, mayWaive } = policy.grants;
  const records = verdict.findings.length === 0 ? [] : mergedRecords(facts.grants(workload.account), newer);
  return waive(verdict, activeGrants(records, nowMs, maxDurationSeconds), {
    account: workload.account,
    accountUid: facts.account(workload.account)?.uid,
    workloads: namesOf(judged),
    mayWaive,
    input,
  });
}

/**
 * The workload, and those that control it: a pod's ReplicaSet and its Deployment. An owner that only the object itself
 * names may be forged; that of a reschedule was looked up.
 */
function namesOf({ workload, moment, facts }: Judged): readonly WorkloadName[] {
  const { controller, namespace } = workload;
  if (controller === undefined) return [workload];
  const known = moment === 'reschedule' || isKnown(controller, namespace, facts);
  return known ? [workload, ...ownersOf(workload, facts)] : [workload];
}

/** `passes under grant shop/x until 2026-01-31T12:00:00Z`. */
export function grantNote({ grant, expiresAtMs }: LiveGrant, outcome: Decision['outcome']): string {
  const what = outcome === 'deny' ? 'some of it is waived by' : 'passes under';
  return `${what} grant ${grant.namespace}/${grant.name} until ${timeText(expiresAtMs)}`;
}
