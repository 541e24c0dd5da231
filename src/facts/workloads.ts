import type { RunningWorkload } from '../admit/ports.ts';
import type { Account } from '../core/scope/scope.ts';
import { keyOf } from './identity.ts';
import type { WorkloadKind } from './kinds.ts';

/** Running workloads by the account they run as. A change costs as much as one account's workloads. */
export interface WorkloadIndex {
  put(kind: WorkloadKind, key: string, workload: RunningWorkload): void;
  drop(kind: WorkloadKind, key: string): void;
  runningAs(account: Account): readonly RunningWorkload[];
  byUid(uid: string): RunningWorkload | undefined;
  all(): Iterable<RunningWorkload>;
}

const NONE: readonly RunningWorkload[] = [];

export function createWorkloadIndex(): WorkloadIndex {
  /** Of each workload, the account it was last seen with. */
  const accounts = new Map<string, string>();
  const uids = new Map<string, RunningWorkload>();
  const byAccount = new Map<string, Map<string, RunningWorkload>>();

  function drop(kind: WorkloadKind, key: string): void {
    const id = `${kind} ${key}`;
    const account = accounts.get(id);
    if (account === undefined) return;
    accounts.delete(id);
    const workloads = byAccount.get(account);
    const uid = workloads?.get(id)?.uid;
    if (uid !== undefined) uids.delete(uid);
    workloads?.delete(id);
    if (workloads?.size === 0) byAccount.delete(account);
  }

  return {
    put(kind, key, workload) {
      const id = `${kind} ${key}`;
      const place = keyOf(workload.account);
      drop(kind, key);
      if (workload.uid !== undefined) uids.set(workload.uid, workload);
      accounts.set(id, place);
      const workloads = byAccount.get(place) ?? new Map<string, RunningWorkload>();
      workloads.set(id, workload);
      byAccount.set(place, workloads);
    },
    drop,
    runningAs(account) {
      const workloads = byAccount.get(keyOf(account));
      return workloads === undefined ? NONE : [...workloads.values()];
    },
    byUid: (uid) => uids.get(uid),
    *all() {
      for (const workloads of byAccount.values()) yield* workloads.values();
    },
  };
}
