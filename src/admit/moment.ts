import type { Moment } from '../core/admission/moment.ts';
import { followsOwner, reschedules } from '../core/admission/reschedulers.ts';
import type { AdmissionRequest } from '../core/admission/review.ts';
import type { WorkloadClaim } from '../core/admission/workload.ts';
import type { Admission } from './handler.ts';

/**
 * A reschedule only when a known controller makes an object of a workload that exists, exactly as its template says.
 * Whatever cannot be shown to be one is a change: a forged owner, a controller's name without its identity, an operator.
 */
export async function momentOf(
  { operation, requester }: AdmissionRequest,
  workload: WorkloadClaim,
  { facts, live, reschedulers }: Admission,
  deadline: AbortSignal,
): Promise<Moment> {
  const { controller } = workload;
  if (operation !== 'CREATE' || controller === undefined) return 'change';
  if (!reschedules(reschedulers, requester.username, controller.kind)) return 'change';
  // A controller may be ahead of the watch: then the owner is asked for once.
  const owner =
    facts.workload(controller.uid) ?? (await live?.owner(controller, workload.namespace, deadline));
  if (owner?.kind !== controller.kind || owner.uid !== controller.uid) return 'change';
  return owner.namespace === workload.namespace && followsOwner(workload, owner) ? 'reschedule' : 'change';
}
