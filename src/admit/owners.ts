import type { Owner, WorkloadClaim } from '../core/admission/workload.ts';
import type { Facts } from './ports.ts';

/** Deeper than anything that Kubernetes makes; what owns itself has an end all the same. */
const MAX_DEPTH = 5;

type Controlled = Pick<WorkloadClaim, 'namespace' | 'controller'>;
type Known = Pick<Facts, 'workload'>;

/** What controls a workload, nearest first: of a pod its ReplicaSet and its Deployment. The first is as it says itself. */
export function ownersOf({ namespace, controller }: Controlled, facts: Known): readonly Owner[] {
  const owners: Owner[] = [];
  let next = controller;
  while (next !== undefined && owners.length < MAX_DEPTH) {
    owners.push(next);
    next = isKnown(next, namespace, facts) ? facts.workload(next.uid)?.controller : undefined;
  }
  return owners;
}

/** What only the object itself names may be forged. */
export function isKnown(owner: Owner, namespace: string, facts: Known): boolean {
  const known = facts.workload(owner.uid);
  return known?.kind === owner.kind && known.name === owner.name && known.namespace === namespace;
}

/** The workload as its decision is named: by the Deployment, where facts know the ReplicaSet between. */
export function withTop<T extends WorkloadClaim>(workload: T, facts: Known): T {
  const owners = ownersOf(workload, facts);
  return owners.length < 2 ? workload : { ...workload, top: owners.at(-1) };
}
