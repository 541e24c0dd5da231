import type { WorkloadClaim } from '../core/admission/workload.ts';
import type { Facts, RunningWorkload } from './ports.ts';

/** What else runs as the account of a workload. */
export interface Others {
  /** Everything but the workload itself. */
  readonly all: readonly RunningWorkload[];
  /** Those that are no older or newer form of it: others share the account with it. */
  readonly siblings: readonly RunningWorkload[];
}

/** @param pods that run as the account. They are not watched; those of a known workload are spoken for by it. */
export function othersOf(
  workload: WorkloadClaim,
  facts: Facts,
  pods: readonly RunningWorkload[] = [],
): Others {
  const all = [...facts.runningAs(workload.account), ...straysOf(pods, facts)].filter(
    ({ kind, name }) => kind !== workload.kind || name !== workload.name,
  );
  const family = familyOf(workload, facts);
  const isFamily = (other: RunningWorkload) =>
    [other.uid, other.controller?.uid].some((uid) => uid !== undefined && family.has(uid));
  return { all, siblings: all.filter((other) => !isFamily(other)) };
}

/** Pods that no known workload speaks for. */
export function straysOf(
  pods: readonly RunningWorkload[],
  facts: Pick<Facts, 'workload'>,
): readonly RunningWorkload[] {
  return pods.filter(
    ({ controller }) => controller === undefined || facts.workload(controller.uid) === undefined,
  );
}

/** Itself, what controls it, and what controls that: a pod, its ReplicaSet, its Deployment. */
function familyOf({ uid, controller }: WorkloadClaim, facts: Facts): ReadonlySet<string> {
  const above = controller && facts.workload(controller.uid)?.controller?.uid;
  return new Set([uid, controller?.uid, above].filter((one) => one !== undefined));
}
