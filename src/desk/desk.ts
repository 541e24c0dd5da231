import type { AccessDecisionSource } from '../api/access-decision.ts';
import type { AccessGrantSource, AccessGrantStatus } from '../api/access-grant.ts';
import type { DenialSource, DenialStatus } from '../api/denial.ts';
import type { GrantStatus } from '../core/verdict/grants.ts';

/**
 * What a person does about denials, with their own Kubernetes identity: the command line and the page are two faces of it.
 * Every call is bounded in time and fails with a CountersignError; what the API server refuses is said in its words.
 */
export interface Desk {
  /** Who the person is to the API server (SelfSubjectReview). */
  whoAmI(): Promise<Viewer>;
  /** `namespace` undefined: all that the viewer may list. */
  denials(namespace: string | undefined): Promise<readonly StoredDenial[]>;
  denial(namespace: string, id: string): Promise<StoredDenial | undefined>;
  /** In whatever namespace the viewer may read. */
  findDenial(id: string): Promise<StoredDenial | undefined>;
  grants(namespace: string | undefined): Promise<readonly StoredGrant[]>;
  grant(namespace: string, name: string): Promise<StoredGrant | undefined>;
  /** Creates an AccessGrant in the viewer's name; what is asked for is exactly what was shown. */
  ask(wish: GrantWish): Promise<StoredGrant>;
  /**
   * Creates an AccessDecision in the viewer's name, on the grant as it was shown: `scopesDigest` is that of what the person
   * saw. Refused before anything is written where it would be void: one's own request, a service account, a final state.
   */
  decide(verdict: GrantVerdict): Promise<StoredDecision>;
  /** Asks the leader to judge the stored workload again; the answer comes in the denial's `status.recheck`. */
  recheck(namespace: string, id: string): Promise<void>;
  /** What the viewer may do there (SelfSubjectAccessReviews), so that a face offers only what would be let through. */
  rights(namespace: string): Promise<Rights>;
}

export interface Viewer {
  readonly username: string;
  readonly groups: readonly string[];
}

export interface Rights {
  readonly readDenials: boolean;
  readonly ask: boolean;
  readonly decide: boolean;
  readonly recheck: boolean;
}

export interface StoredDenial {
  readonly namespace: string;
  /** The decision's id. */
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly spec: DenialSource['spec'];
  readonly status: DenialStatus;
}

export interface StoredGrant {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly createdAt: string;
  readonly spec: AccessGrantSource['spec'];
  readonly status: AccessGrantStatus;
  /** Worked out from the decisions and the time, not read from `status`. */
  readonly state: GrantStatus;
  readonly scopesDigest: string;
  readonly decisions: readonly StoredDecision[];
}

export interface StoredDecision {
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: string;
  readonly spec: AccessDecisionSource['spec'];
}

export interface GrantWish {
  readonly namespace: string;
  readonly serviceAccount: AccessGrantSource['spec']['serviceAccount'];
  readonly workload?: AccessGrantSource['spec']['workload'];
  readonly scopes: readonly string[];
  readonly checks: AccessGrantSource['spec']['checks'];
  readonly reason: string;
  readonly ticket?: string;
  /** Such as `4h`. */
  readonly duration: string;
  /** The Denial that it is asked for. */
  readonly decision?: string;
}

export interface GrantVerdict {
  readonly namespace: string;
  readonly grant: string;
  readonly grantUID: string;
  readonly scopesDigest: string;
  readonly decision: 'Approve' | 'Reject' | 'Revoke';
  readonly reason: string;
}
