import type { Decided } from '../admit/handler.ts';
import { ownersOf } from '../admit/owners.ts';
import type { Facts } from '../admit/ports.ts';
import type { Owner } from '../core/admission/workload.ts';
import type { EventEntry, Regarding } from './event.ts';

/**
 * The Event that a decision leaves on what a person will look at. A refusal, since whoever made the request may be a
 * controller; and the warning of a reschedule, which nobody was there to see. `undefined`: nothing to record.
 */
export function decisionEvent({ request, answer }: Decided, facts: Facts): EventEntry | undefined {
  const { account, verdict, decision, refusal, warnings, moment } = answer;
  const denied = verdict === 'deny';
  const unseen = verdict === 'warn' && moment === 'reschedule';
  if (request.dryRun || account === undefined || !(denied || unseen)) return undefined;
  const note = denied ? refusal?.message : warnings?.[0];
  if (note === undefined) return undefined;
  const regarding = regardingOf(answer.controller, request.namespace, facts) ?? {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    ...account,
    uid: facts.account(account)?.uid,
  };
  return {
    regarding,
    type: 'Warning',
    reason: denied ? 'AdmissionDenied' : 'ScopeWarning',
    action: 'Admission',
    note,
    key: `${verdict} ${decision ?? note}`,
  };
}

/** A ReplicaSet's events are read by nobody: what controls it is what people know. */
export function regardingOf(
  controller: Owner | undefined,
  namespace: string,
  facts: Facts,
): Regarding | undefined {
  const top = ownersOf({ namespace, controller }, facts).at(-1);
  if (top === undefined) return undefined;
  const { apiVersion, kind, name, uid } = top;
  return { apiVersion, kind, namespace, name, uid };
}
