import type { RunningWorkload } from '../admit/ports.ts';
import type { Account } from '../core/scope/scope.ts';
import { keyOf } from './identity.ts';
import type { WorkloadKind } from './kinds.ts';
import type { Running } from './read-workload.ts';

/** Running workloads by the account they run as. A change costs as much as one account's workloads. */
export interface WorkloadIndex {
  put(kind: WorkloadKind, key: string, running: Running): void;
  drop(kind: WorkloadKind, key: string): void;
  runningAs(account: Account): readonly RunningWorkload[];
}

const NONE: readonly RunningWorkload[] = [];

export function createWorkloadIndex(): WorkloadIndex {
  /** Of each workload, the account it was last seen with. */
  const accounts = new Map<string, string>();
  const byAccount = new Map<string, Map<string, RunningWorkload>>();

  function drop(kind: WorkloadKind, key: string): void {
    const id = `${kind} ${key}`;
    const account = accounts.get(id);
    if (account === undefined) return;
    accounts.delete(id);
    const workloads = byAccount.get(account);
    workloads?.delete(id);
    if (workloads?.size === 0) byAccount.delete(account);
  }

  return {
    put(kind, key, { account, workload }) {
      const id = `${kind} ${key}`;
      const place = keyOf(account);
      if (accounts.get(id) !== place) drop(kind, key);
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
  };
}
