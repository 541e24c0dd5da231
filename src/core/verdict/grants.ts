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
export function grantState(
  { grant, decisions }: GrantRecord,
  nowMs: number,
  maxDurationSeconds: number,
): GrantStatus {
  if (decisions.length === 0) return { state: 'Pending', expiresAtMs: undefined };
  const digest = scopesDigest(grant);
  const valid = decisions.filter((decision) => isAbout(decision, grant, digest) && mayDecide(decision));
  const has = (kind: GrantDecision['decision']) => valid.some(({ decision }) => decision === kind);
  if (has('Revoke')) return { state: 'Revoked', expiresAtMs: undefined };
  if (has('Reject')) return { state: 'Rejected', expiresAtMs: undefined };
  if (valid.length === 0) return { state: 'Void', expiresAtMs: undefined };
  const startMs = Math.min(...valid.map(({ createdMs }) => createdMs));
  const expiresAtMs = startMs + Math.min(grant.durationSeconds, maxDurationSeconds) * 1000;
  return { state: nowMs < expiresAtMs ? 'Active' : 'Expired', expiresAtMs };
}

/** What was seen is what counts: a grant made again under the same name has another uid, an altered one another digest. */
function isAbout(decision: GrantDecision, grant: Grant, digest: string): boolean {
  return (
    decision.namespace === grant.namespace &&
    decision.grant === grant.name &&
    decision.grantUid === grant.uid &&
    decision.requester === grant.requester &&
    decision.scopesDigest === digest
  );
}

/** Nobody approves what they asked for, and no machine approves; anybody who may decide can take it back. */
function mayDecide({ decision, by, requester }: GrantDecision): boolean {
  return decision !== 'Approve' || (by !== requester && !by.startsWith('system:serviceaccount:'));
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
