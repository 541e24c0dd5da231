import type { Owner, WorkloadClaim } from '../core/admission/workload.ts';
import type { Minted } from '../core/inject/issuance.ts';
import type { NodeFacts } from '../core/inject/nodes.ts';
import type { Held, RbacOverlay, Via } from '../core/rbac/held.ts';
import type { Resources } from '../core/scope/resources.ts';
import type { Account, KubernetesScope } from '../core/scope/scope.ts';
import type { VaultHeld } from '../core/vault/held.ts';
import type { GrantRecord } from '../core/verdict/grants.ts';
import type { Policy } from '../core/verdict/policy.ts';

/**
 * What a decision may ask of the world. Two implementations, the live cluster and a folder; every answer comes from
 * memory, so a decision does no I/O.
 */
export interface Facts {
  /**
   * What RBAC gives the account now.
   * @param overlay roles and bindings to take as otherwise than known.
   */
  held(account: Account, overlay?: RbacOverlay): Held;
  /** `undefined`: there is no such ServiceAccount. */
  account(account: Account): AccountFacts | undefined;
  /** `undefined`: there is no such namespace. */
  namespace(name: string): NamespaceFacts | undefined;
  /** Every node of the cluster; none where nothing is known of them (a folder). */
  nodes(): Iterable<NodeFacts>;
  /** Workloads that run as the account now: replicas above zero, not suspended, not finished. */
  runningAs(account: Account): readonly RunningWorkload[];
  /** The running workload of this uid. */
  workload(uid: string): RunningWorkload | undefined;
  /** Every running workload, for work in the background. */
  workloads(): Iterable<RunningWorkload>;
  /** What a write would make of roles, bindings and accounts; `undefined`: it is none of those, or has no name. */
  supposing(write: Write): Supposed | undefined;
  policies(): readonly Policy[];
  /** Those that are asked for the account, decided or not. */
  grants(account: Account): readonly GrantRecord[];
  /** What Vault gives the account, login by login; `undefined`: nothing is known of any Vault. */
  vault(account: Account): VaultHeld | undefined;
  /**
   * Asks for what `vault` needs of this account alone: its entity and groups. Bounded in time; ends early when the signal
   * aborts, and what is not there then is unknown.
   */
  prepareVault(account: Account, signal: AbortSignal): Promise<void>;
  readonly resources: Resources;
  freshness(): Freshness;
}

/** A write as it is asked for, of objects that are JSON of any shape. */
export interface Write {
  readonly kind: string;
  /** Empty for a cluster-scoped object. */
  readonly namespace: string;
  readonly name: string;
  /** `undefined` where it is deleted. */
  readonly object: unknown;
  /** `undefined` where it is new: then it is whatever is known of it. */
  readonly oldObject: unknown;
}

/** The world without the write and with it, the work of the aggregation controller done in both. */
export interface Supposed {
  readonly before: SupposedFacts;
  readonly after: SupposedFacts;
  /** As which something runs, and whose rights or declared needs may differ. Can be walked more than once. */
  readonly accounts: Iterable<Account>;
}

export interface SupposedFacts extends Pick<Facts, 'account'> {
  readonly rbac: RbacOverlay;
}

/** A Vault role that a workload names. */
export interface NamedVaultRole {
  readonly connection: string;
  readonly role: string;
}

/**
 * The source of the facts itself, asked where memory is not enough: before a denial, and for an owner that the caches do
 * not know yet. Every question is bounded in time and ends early when the signal aborts; `undefined` is no answer.
 */
export interface LiveTruth extends ClusterTruth {
  /**
   * The Vaults, asked for the roles that may admit the account and the policies behind them.
   * @param named is read whatever is known of it: it may admit the account by now.
   * @returns of a Vault that does not answer in time, why; `undefined`: there is none to ask
   */
  vault(account: Account, signal: AbortSignal, named?: NamedVaultRole): Promise<VaultHeld | undefined>;
}

/** The part of it that the API server is asked for. */
export interface ClusterTruth {
  /** Does the API server let the account do this? One verb, at most one name. */
  allows(account: Account, scope: KubernetesScope, signal: AbortSignal): Promise<boolean | undefined>;
  /** The binding and the role as they are now. */
  reread(via: Via, signal: AbortSignal): Promise<RbacOverlay | undefined>;
  /** Pods that run as the account. */
  pods(account: Account, signal: AbortSignal): Promise<readonly RunningWorkload[] | undefined>;
  /** What was asked for the account and decided by now; `undefined`: it could not be read. */
  grants(account: Account, signal: AbortSignal): Promise<readonly GrantRecord[] | undefined>;
  /** The object that a pod names as its controller. */
  owner(owner: Owner, namespace: string, signal: AbortSignal): Promise<WorkloadClaim | undefined>;
}

/** Where wrapped tokens come from: Vault, by the identity that Countersign has there. */
export interface Minter {
  /** Takes one from what an owner may have in a time; `false`: nothing is left. */
  admits(owner: string): boolean;
  /** Ends early, as a failure, when the signal aborts. Whatever Vault made by then ends by itself within minutes. */
  mint(wanted: WantedToken, signal: AbortSignal): Promise<MintOutcome>;
}

export interface WantedToken {
  /** Name of the connection. */
  readonly vault: string;
  readonly tokenRole: string;
  readonly account: Account;
  /** What controls the pod, as `Kind/name`; empty: nothing does. */
  readonly owner: string;
}

export type MintOutcome =
  | { readonly kind: 'minted'; readonly minted: Minted }
  /** `why`: a sentence for people. */
  | { readonly kind: 'failed'; readonly why: string };

/** What ends a token that was given away. */
export interface Revoker {
  /** One that has ended is no failure. Fails with a CountersignError, or with the reason of its signal. */
  revoke(vault: string, accessor: string, signal: AbortSignal): Promise<void>;
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

/** Of its annotations only those that start with `countersign.dev/` are kept. */
export interface RunningWorkload extends WorkloadClaim {
  /** What the annotation that lets it in unjudged says, on the template or on the object; absent: it has none. */
  readonly breakGlass?: string;
}

export interface Freshness {
  /** Every cache has had its first full list. */
  readonly synced: boolean;
  /** Seconds since the stalest cache last heard from its source; 0 for a folder. */
  readonly ageSeconds: number;
}
