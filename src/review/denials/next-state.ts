import type { DenialState } from '../../api/denial.ts';
import type { GrantStatus } from '../../core/verdict/grants.ts';
import type { DenialEntry } from './entry.ts';

/** What the leader knows of what a denial is about. */
export interface DenialContext {
  readonly nowMs: number;
  readonly account: 'same' | 'gone' | 'another';
  /** When it was last seen to run, by this leader, where nothing of it runs now; in milliseconds since the epoch. */
  readonly lastRanMs: number | undefined;
  /** Those that are asked for by the denial’s name. */
  readonly grants: readonly NamingGrant[];
}

export interface NamingGrant {
  readonly name: string;
  readonly state: GrantStatus['state'];
  /** Of the last decision on it. */
  readonly decidedMs: number;
}

export interface DenialTimes {
  /** How long a closed one is kept. */
  readonly keepClosedSeconds: number;
  /** An open one that was not seen for so long has expired. */
  readonly expireAfterSeconds: number;
}

export type NextStep =
  | { readonly kind: 'delete' }
  | {
      readonly kind: 'turn';
      readonly state: DenialState;
      readonly message: string;
      readonly grant?: string;
      /** Since when it is so, where that is not now. */
      readonly sinceMs?: number;
    };

/** What the leader makes of a denial now; `undefined`: it stays as it is. */
export function nextStep(
  entry: DenialEntry,
  context: DenialContext,
  times: DenialTimes,
): NextStep | undefined {
  const isLive = entry.state === 'Open' || entry.state === 'Granted';
  if (isLive) return ofGone(entry, context) ?? ofGrants(entry, context) ?? ofAge(entry, context, times);
  const granted = entry.state === 'Rejected' ? activeOf(context) : undefined;
  if (granted !== undefined) return ofActive(entry, granted);
  const over = context.nowMs - entry.sinceMs >= times.keepClosedSeconds * 1000;
  return over ? { kind: 'delete' } : undefined;
}

/** A denial never changes what it is about: of an account that is made again another one is made. */
function ofGone({ lastSeenMs }: DenialEntry, { account, lastRanMs }: DenialContext): NextStep | undefined {
  if (account !== 'same') return { kind: 'delete' };
  // What was taken away and is refused when it is made again is not over. Such a refusal may not be written yet: it opens
  // the denial again, since it is later.
  if (lastRanMs === undefined || lastSeenMs > lastRanMs) return undefined;
  return { ...turn('Resolved', 'nothing of the workload runs any more'), sinceMs: lastRanMs };
}

function ofGrants(entry: DenialEntry, context: DenialContext): NextStep | undefined {
  const active = activeOf(context);
  if (active !== undefined) return ofActive(entry, active);
  const before = context.grants.find(({ name }) => name === entry.grant);
  if (entry.state === 'Granted') {
    const name = entry.grant ?? '';
    if (before?.state === 'Revoked') return turn('Rejected', `grant ${name} was revoked`, name);
    return turn('Open', before === undefined ? `grant ${name} is gone` : `grant ${name} has ended`, name);
  }
  if (context.grants.some(({ state }) => state === 'Pending')) return undefined;
  const last = context.grants
    .filter(({ state }) => state === 'Rejected' || state === 'Revoked')
    .toSorted((a, b) => b.decidedMs - a.decidedMs)[0];
  // Refused again after that: whoever decides has said all there is to say, and it shows as open.
  if (last === undefined || last.name === entry.grant) return undefined;
  return turn('Rejected', `grant ${last.name} was ${last.state.toLowerCase()}`, last.name);
}

function activeOf({ grants }: DenialContext): NamingGrant | undefined {
  return grants.find(({ state }) => state === 'Active');
}

function ofActive(entry: DenialEntry, { name }: NamingGrant): NextStep | undefined {
  if (entry.state === 'Granted' && entry.grant === name) return undefined;
  return turn('Granted', `grant ${name} was approved`, name);
}

function ofAge(
  { state, lastSeenMs }: DenialEntry,
  { nowMs }: DenialContext,
  times: DenialTimes,
): NextStep | undefined {
  const old = nowMs - lastSeenMs >= times.expireAfterSeconds * 1000;
  return state === 'Open' && old ? turn('Expired', 'not seen for a long time') : undefined;
}

function turn(state: DenialState, message: string, grant?: string): Extract<NextStep, { kind: 'turn' }> {
  return { kind: 'turn', state, message, ...(grant !== undefined && { grant }) };
}
