import type { RunningWorkload } from '../admit/ports.ts';
import type { Account } from '../core/scope/scope.ts';
import { identityOf, keyOf } from './identity.ts';
import type { WorkloadKind } from './kinds.ts';

/** Running workloads by the account they run as. A change costs as much as one account's workloads. */
export interface WorkloadIndex {
  put(kind: WorkloadKind, key: string, workload: RunningWorkload): void;
  drop(kind: WorkloadKind, key: string): void;
  runningAs(account: Account): readonly RunningWorkload[];
  /** Does anything run as the account? */
  runs(account: Account): boolean;
  /** Accounts as which something runs; with a namespace, its own. */
  accounts(namespace?: string): Iterable<Account>;
  byUid(uid: string): RunningWorkload | undefined;
  all(): Iterable<RunningWorkload>;
}

const NONE: readonly RunningWorkload[] = [];

export function createWorkloadIndex(): WorkloadIndex {
  /** Of each workload, the account it was last seen with. */
  const accounts = new Map<string, string>();
  const uids = new Map<string, RunningWorkload>();
  const byAccount = new Map<string, Map<string, RunningWorkload>>();
  /** Those accounts, by namespace. */
  const accountsIn = new Map<string, Map<string, Account>>();

  function drop(kind: WorkloadKind, key: string): void {
    const id = `${kind} ${key}`;
    const account = accounts.get(id);
    if (account === undefined) return;
    accounts.delete(id);
    const workloads = byAccount.get(account);
    const uid = workloads?.get(id)?.uid;
    if (uid !== undefined) uids.delete(uid);
    workloads?.delete(id);
    if (workloads?.size === 0) forget(account);
  }

  function forget(key: string): void {
    byAccount.delete(key);
    const namespace = identityOf(key).namespace ?? '';
    const others = accountsIn.get(namespace);
    others?.delete(key);
    if (others?.size === 0) accountsIn.delete(namespace);
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
      const { namespace } = workload.account;
      const others = accountsIn.get(namespace) ?? new Map<string, Account>();
      accountsIn.set(namespace, others.set(place, workload.account));
    },
    drop,
    runningAs(account) {
      const workloads = byAccount.get(keyOf(account));
      return workloads === undefined ? NONE : [...workloads.values()];
    },
    runs: (account) => byAccount.has(keyOf(account)),
    *accounts(namespace) {
      const maps = namespace === undefined ? accountsIn.values() : [accountsIn.get(namespace) ?? []];
      for (const here of maps) for (const [, account] of here) yield account;
    },
    byUid: (uid) => uids.get(uid),
    *all() {
      for (const workloads of byAccount.values()) yield* workloads.values();
    },
  };
}
