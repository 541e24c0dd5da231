import type { Held } from '../core/rbac/held.ts';
import type { Resources } from '../core/scope/resources.ts';
import type { Account } from '../core/scope/scope.ts';
import type { Policy } from '../core/verdict/policy.ts';

/**
 * What a decision may ask of the world. Two implementations, the live cluster and a folder; every answer comes from
 * memory, so a decision does no I/O.
 */
export interface Facts {
  /** What RBAC gives the account now. */
  held(account: Account): Held;
  /** `undefined`: there is no such ServiceAccount. */
  account(account: Account): AccountFacts | undefined;
  /** `undefined`: there is no such namespace. */
  namespace(name: string): NamespaceFacts | undefined;
  /** Workloads that run as the account now: replicas above zero, not suspended, not finished. */
  runningAs(account: Account): readonly RunningWorkload[];
  policies(): readonly Policy[];
  readonly resources: Resources;
  freshness(): Freshness;
}

export interface AccountFacts {
  readonly uid: string | undefined;
  /** `automountServiceAccountToken`; `undefined` when the ServiceAccount does not say. */
  readonly automount: boolean | undefined;
  /** `countersign.dev/needs` on the ServiceAccount. */
  readonly needs: string | undefined;
  /** `secrets[].name`. */
  readonly secrets: readonly string[];
}

export interface NamespaceFacts {
  readonly labels: Readonly<Record<string, string>>;
  readonly deleting: boolean;
}

export interface RunningWorkload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
  /** The controller owner's uid: a ReplicaSet of a Deployment, a Job of a CronJob. */
  readonly owner: string | undefined;
  /** The pod template's annotations that start with `countersign.dev/`. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Freshness {
  /** Every cache has had its first full list. */
  readonly synced: boolean;
  /** Seconds since the stalest cache last heard from its source; 0 for a folder. */
  readonly ageSeconds: number;
}
