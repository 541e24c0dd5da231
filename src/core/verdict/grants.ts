import { createHash } from 'node:crypto';
import { canonical, compareText } from '../scope/canonical.ts';
import { printScope } from '../scope/print.ts';
import type { Scope } from '../scope/scope.ts';
import type { WaivableCheck } from './policy.ts';

/**
 * A grant waives findings for a time: asked for by one person, decided by others. Both are append-only, so what holds now
 * follows from all of them together and the time.
 */
export interface Grant {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The service account, in the same namespace; a uid pins it to the one that had it when the grant was asked for. */
  readonly account: { readonly name: string; readonly uid: string | undefined };
  /** `undefined`: every workload of the account. */
  readonly workload: WorkloadName | undefined;
  /** As written: `own` is the grant's namespace. */
  readonly scopes: readonly Scope[];
  readonly checks: readonly WaivableCheck[];
  readonly durationSeconds: number;
  readonly requester: string;
  /** The Denial that it is asked for, by its name. */
  readonly decision?: string | undefined;
}

export interface WorkloadName {
  readonly kind: string;
  readonly name: string;
}

export interface GrantDecision {
  readonly namespace: string;
  readonly grant: string;
  readonly grantUid: string;
  /** Of the grant as the decider saw it. */
  readonly scopesDigest: string;
  readonly requester: string;
  readonly by: string;
  readonly decision: 'Approve' | 'Reject' | 'Revoke';
  readonly createdMs: number;
}

export interface GrantRecord {
  readonly grant: Grant;
  /** All that name the grant, valid or not. */
  readonly decisions: readonly GrantDecision[];
}

export interface GrantStatus {
  /** `Void`: there are decisions, and none of them counts. */
  readonly state: 'Pending' | 'Active' | 'Rejected' | 'Revoked' | 'Expired' | 'Void';
  /** Of a grant that is or was active. */
  readonly expiresAtMs: number | undefined;
}

/** Reject and Revoke are final at any time; of several approvals the earliest starts the clock. */
export function grantState(record: GrantRecord, nowMs: number, maxDurationSeconds: number): GrantStatus {
  if (record.decisions.length === 0) return { state: 'Pending', expiresAtMs: undefined };
  const deciding = decidingDecision(record);
  if (deciding === undefined) return { state: 'Void', expiresAtMs: undefined };
  switch (deciding.decision) {
    case 'Revoke':
      return { state: 'Revoked', expiresAtMs: undefined };
    case 'Reject':
      return { state: 'Rejected', expiresAtMs: undefined };
    case 'Approve': {
      const seconds = Math.min(record.grant.durationSeconds, maxDurationSeconds);
      const expiresAtMs = deciding.createdMs + seconds * 1000;
      return { state: nowMs < expiresAtMs ? 'Active' : 'Expired', expiresAtMs };
    }
  }
}

const FINALITY: readonly GrantDecision['decision'][] = ['Approve', 'Reject', 'Revoke'];

/** The one that the state follows from: the most final of those that count, and of them the earliest. */
export function decidingDecision({ grant, decisions }: GrantRecord): GrantDecision | undefined {
  if (decisions.length === 0) return undefined;
  const digest = scopesDigest(grant);
  const rank = ({ decision }: GrantDecision) => FINALITY.indexOf(decision);
  const counting = decisions.filter((decision) => voidReason(decision, grant, digest) === undefined);
  const [first] = counting.toSorted(
    (a, b) => rank(b) - rank(a) || a.createdMs - b.createdMs || compareText(a.by, b.by),
  );
  return first;
}

/** Why a decision counts for nothing. */
export type VoidReason =
  | 'OtherGrant'
  | 'OtherUID'
  | 'OtherRequester'
  | 'OtherScopes'
  | 'OwnRequest'
  | 'ServiceAccount';

/**
 * What was seen is what counts: a grant made again under the same name has another uid, an altered one another digest.
 * Nobody approves what they asked for, and no machine approves; anybody who may decide can take it back.
 * @param digest of the grant's scopes.
 * @returns `undefined`: it counts.
 */
export function voidReason(decision: GrantDecision, grant: Grant, digest: string): VoidReason | undefined {
  if (decision.namespace !== grant.namespace || decision.grant !== grant.name) return 'OtherGrant';
  if (decision.grantUid !== grant.uid) return 'OtherUID';
  if (decision.requester !== grant.requester) return 'OtherRequester';
  if (decision.scopesDigest !== digest) return 'OtherScopes';
  if (decision.decision !== 'Approve') return undefined;
  if (decision.by === decision.requester) return 'OwnRequest';
  return decision.by.startsWith('system:serviceaccount:') ? 'ServiceAccount' : undefined;
}

/** A grant that holds now. */
export interface LiveGrant {
  readonly grant: Grant;
  readonly expiresAtMs: number;
}

export function activeGrants(
  records: readonly GrantRecord[],
  nowMs: number,
  maxDurationSeconds: number,
): readonly LiveGrant[] {
  return records.flatMap((record): readonly LiveGrant[] => {
    const { state, expiresAtMs } = grantState(record, nowMs, maxDurationSeconds);
    return state === 'Active' && expiresAtMs !== undefined ? [{ grant: record.grant, expiresAtMs }] : [];
  });
}

/** What two sources know of the same grants: each grant once, with the decisions of both. */
export function mergedRecords(
  known: readonly GrantRecord[],
  newer: readonly GrantRecord[],
): readonly GrantRecord[] {
  if (newer.length === 0) return known;
  const merged = new Map(known.map((record) => [record.grant.uid, record]));
  for (const { grant, decisions } of newer) {
    const before = merged.get(grant.uid)?.decisions ?? [];
    merged.set(grant.uid, { grant, decisions: [...before, ...decisions] });
  }
  return [...merged.values()];
}

/** `sha256:` and the hash of all that gives the grant its reach, in canonical form. */
export function scopesDigest({
  namespace,
  account,
  workload,
  checks,
  scopes,
  durationSeconds,
}: Omit<Grant, 'uid'>): string {
  const lines = new Set(scopes.map((scope) => printScope(canonical(scope))));
  const text = JSON.stringify([
    1,
    namespace,
    account.name,
    account.uid ?? null,
    workload === undefined ? null : [workload.kind, workload.name],
    [...new Set(checks)].toSorted(compareText),
    [...lines].toSorted(compareText),
    durationSeconds,
  ]);
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
