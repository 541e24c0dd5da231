import { type JsonObject, textOf } from '../../core/json.ts';
import type { NoticeEvent } from '../../core/notice.ts';
import { shown } from '../../core/text.ts';
import { timeText } from '../../core/time.ts';
import { type StandingContext, standingMessage } from '../../core/verdict/grant-standing.ts';
import {
  decidingDecision,
  type GrantRecord,
  type GrantStatus,
  grantState,
  scopesDigest,
} from '../../core/verdict/grants.ts';
import type { GrantEntry } from './entry.ts';

/** What the leader makes of a grant now. */
export interface Standing {
  readonly state: GrantStatus['state'];
  readonly expiresAtMs: number | undefined;
  /** What of the stored status changes, as a merge patch; `undefined`: nothing. */
  readonly patch: StatusPatch | undefined;
  /** What has happened, once the patch is written; the first of them first. */
  readonly happened: readonly GrantEvent[];
  /** Whose decision made the state. */
  readonly by: string | undefined;
  readonly message: string;
  /** When time alone makes something else of it, in milliseconds since the epoch. */
  readonly nextMs: number | undefined;
  /** Since when it is only evidence. */
  readonly endedMs: number | undefined;
}

export type GrantEvent = Extract<NoticeEvent, `Grant${string}`>;

interface StatusPatch {
  readonly state?: GrantStatus['state'];
  readonly scopesDigest?: string | null;
  readonly decidedBy?: string | null;
  readonly expiresAt?: string | null;
  readonly warnedAt?: string | null;
  readonly message?: string;
}

export interface GrantTimes {
  readonly warnBeforeExpirySeconds: number;
}

const EVENTS: Readonly<Record<GrantStatus['state'], GrantEvent | undefined>> = {
  Pending: undefined,
  Void: undefined,
  Active: 'GrantApproved',
  Rejected: 'GrantRejected',
  Revoked: 'GrantRevoked',
  Expired: 'GrantExpired',
};

/**
 * @param record `undefined` where the grant cannot be read.
 * @param lastDecidedMs of any decision that names it.
 */
export function standingOf(
  entry: GrantEntry,
  record: GrantRecord | undefined,
  context: StandingContext,
  times: GrantTimes,
): Standing {
  const { status } = entry;
  const { state, expiresAtMs } =
    record === undefined
      ? ({ state: 'Void', expiresAtMs: undefined } as const)
      : grantState(record, context.nowMs, context.maxDurationSeconds);
  const by = record && decidingDecision(record)?.by;
  const message =
    record === undefined
      ? shown(`counts for nothing: ${entry.problem ?? 'it cannot be read'}`, 2048)
      : standingMessage(record, context);
  const warnMs = state === 'Active' ? warnTimeMs(record, context, expiresAtMs, times) : undefined;
  const warns = warnMs !== undefined && context.nowMs >= warnMs && status['warnedAt'] === undefined;
  const patch = changed(status, {
    state,
    scopesDigest: record === undefined ? null : scopesDigest(record.grant),
    decidedBy: by ?? null,
    expiresAt: expiresAtMs === undefined ? null : timeText(expiresAtMs),
    ...(warns && { warnedAt: timeText(context.nowMs) }),
    message,
  });
  return {
    state,
    expiresAtMs,
    patch,
    happened: happenedSince(textOf(status['state']), state, warns),
    by,
    message,
    nextMs: nextTimeMs(context.nowMs, warnMs, state === 'Active' ? expiresAtMs : undefined),
    endedMs: endedSince(entry, record, state, expiresAtMs),
  };
}

function changed(
  status: JsonObject,
  wanted: Required<Omit<StatusPatch, 'warnedAt'>> & StatusPatch,
): StatusPatch | undefined {
  const differing = Object.entries(wanted).filter(([key, value]) => (status[key] ?? null) !== value);
  return differing.length === 0 ? undefined : Object.fromEntries(differing);
}

function happenedSince(
  before: string | undefined,
  state: GrantStatus['state'],
  warns: boolean,
): readonly GrantEvent[] {
  const turned = before === state ? undefined : EVENTS[state];
  return [
    ...(before === undefined ? (['GrantOpened'] as const) : []),
    ...(turned === undefined ? [] : [turned]),
    ...(warns ? (['GrantExpiring'] as const) : []),
  ];
}

/** Long enough before the end for a person to do something, and not as soon as it begins. */
function warnTimeMs(
  record: GrantRecord | undefined,
  { maxDurationSeconds }: StandingContext,
  expiresAtMs: number | undefined,
  { warnBeforeExpirySeconds }: GrantTimes,
): number | undefined {
  if (record === undefined || expiresAtMs === undefined) return undefined;
  const seconds = Math.min(record.grant.durationSeconds, maxDurationSeconds);
  const before = Math.min(Math.max(warnBeforeExpirySeconds, seconds / 10), seconds / 2);
  return expiresAtMs - before * 1000;
}

function nextTimeMs(nowMs: number, ...times: readonly (number | undefined)[]): number | undefined {
  const coming = times.filter((time) => time !== undefined && time > nowMs);
  return coming.length === 0 ? undefined : Math.min(...coming.map(Number));
}

function endedSince(
  { createdMs }: GrantEntry,
  record: GrantRecord | undefined,
  state: GrantStatus['state'],
  expiresAtMs: number | undefined,
): number | undefined {
  if (state === 'Active') return undefined;
  if (state === 'Expired') return expiresAtMs;
  return Math.max(createdMs, ...(record?.decisions.map((decision) => decision.createdMs) ?? []));
}
