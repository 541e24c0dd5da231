import { INJECTED, PREFIX } from '../inject/annotations.ts';
import type { WorkloadClaim } from './workload.ts';

/** Whoever makes pods of a workload that exists. Nothing that an object says of itself makes it one. */
export interface Rescheduler {
  /** As the API server authenticates it. */
  readonly username: string;
  /** Kinds of the workloads that it makes something of. */
  readonly owners: readonly string[];
}

const CONTROLLERS: readonly (readonly [controller: string, owner: string])[] = [
  ['replicaset-controller', 'ReplicaSet'],
  ['replication-controller', 'ReplicationController'],
  ['statefulset-controller', 'StatefulSet'],
  ['daemon-set-controller', 'DaemonSet'],
  ['job-controller', 'Job'],
  ['cronjob-controller', 'CronJob'],
  ['deployment-controller', 'Deployment'],
];

/**
 * The controllers of kube-controller-manager by their service accounts, and by its own name, which it uses where it runs
 * without `--use-service-account-credentials` (cmd/kube-controller-manager/app/controllermanager.go).
 */
export const BUILT_IN_RESCHEDULERS: readonly Rescheduler[] = [
  ...CONTROLLERS.map(([controller, owner]) => ({
    username: `system:serviceaccount:kube-system:${controller}`,
    owners: [owner],
  })),
  { username: 'system:kube-controller-manager', owners: CONTROLLERS.map(([, owner]) => owner) },
];

/** Does this requester make objects of an owner of this kind? */
export function reschedules(reschedulers: readonly Rescheduler[], username: string, kind: string): boolean {
  return reschedulers.some((one) => one.username === username && one.owners.includes(kind));
}

/** It is what its owner's template says: the same account, and the same declaration. */
export function followsOwner(claim: WorkloadClaim, owner: WorkloadClaim): boolean {
  return (
    claim.account.namespace === owner.account.namespace &&
    claim.account.name === owner.account.name &&
    declaresAlike(claim.annotations, owner.annotations)
  );
}

/** What admission itself writes on a pod is no part of what its author declares. */
const WRITTEN: readonly string[] = [INJECTED, `${PREFIX}accessor`];

function declaresAlike(left: Annotations, right: Annotations): boolean {
  const [a, b] = [declared(left), declared(right)];
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

type Annotations = WorkloadClaim['annotations'];

function declared(annotations: Annotations): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(annotations).filter(([key]) => key.startsWith(PREFIX) && !WRITTEN.includes(key)),
  );
}
