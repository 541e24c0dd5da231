import type { DenialSource, DenialStatus } from '../../api/denial.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../core/json.ts';
import { compareText } from '../../core/scope/canonical.ts';
import { countOf, stateOf, storedName, timeOf } from './entry.ts';

/** What happened to one denial since it was last written. */
export interface DenialChange {
  /** Where it may have to be made; absent: it was only admitted. */
  readonly spec: DenialSource['spec'] | undefined;
  /** Refusals. */
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** How often each was refused; at most a hundred of them. */
  readonly requesters: ReadonlyMap<string, number>;
  /** The last time that it was admitted; `NEVER`: it was not. */
  readonly admittedMs: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

const MAX_COUNTED = 50;
const MAX_STORED = 10;

export function refusal(
  spec: DenialSource['spec'] | undefined,
  requester: string,
  nowMs: number,
): DenialChange {
  const requesters = new Map([[requester, 1]]);
  return { spec, count: 1, firstMs: nowMs, lastMs: nowMs, requesters, admittedMs: NEVER };
}

export function admission(admittedMs: number): DenialChange {
  const none = { count: 0, firstMs: Number.POSITIVE_INFINITY, lastMs: NEVER };
  return { spec: undefined, ...none, requesters: new Map(), admittedMs };
}

export function mergeChanges(older: DenialChange, newer: DenialChange): DenialChange {
  return {
    spec: older.spec ?? newer.spec,
    count: older.count + newer.count,
    firstMs: Math.min(older.firstMs, newer.firstMs),
    lastMs: Math.max(older.lastMs, newer.lastMs),
    requesters: together(older.requesters, newer.requesters),
    admittedMs: Math.max(older.admittedMs, newer.admittedMs),
  };
}

/** Sorted only when it is twice as long as it may be: this is done at every refusal. */
function together(
  older: DenialChange['requesters'],
  newer: DenialChange['requesters'],
): DenialChange['requesters'] {
  const sums = new Map(older);
  for (const [name, count] of newer) sums.set(name, (sums.get(name) ?? 0) + count);
  return sums.size <= 2 * MAX_COUNTED ? sums : new Map(mostFrequent([...sums], MAX_COUNTED));
}

type Tally = readonly [name: string, count: number];

/** Each name once; of those that are as frequent the first by name, so that replicas agree. */
function mostFrequent(tallies: readonly Tally[], max: number): readonly Tally[] {
  const sums = new Map<string, number>();
  for (const [name, count] of tallies) sums.set(name, (sums.get(name) ?? 0) + count);
  return [...sums].toSorted((a, b) => b[1] - a[1] || compareText(a[0], b[0])).slice(0, max);
}

/** The fields of the status that the change alters; `undefined`: none. */
export function statusAfter(object: JsonObject, change: DenialChange): DenialStatus | undefined {
  const status = objectOf(object['status']);
  const counted =
    change.count > 0 ? { ...countedIn(status, change), ...refusalIn(object, change) } : undefined;
  const lastMs = Math.max(timeOf(status['lastSeen']) ?? 0, change.lastMs);
  const turned = turnOf(status, change, lastMs);
  return counted === undefined && turned === undefined ? undefined : { ...counted, ...turned };
}

function countedIn(status: JsonObject, change: DenialChange): DenialStatus {
  const { count, firstMs, lastMs, requesters } = change;
  const known = listOf(status['requesters']).map((item): Tally => {
    const { name, count: times } = objectOf(item);
    return [textOf(name) ?? '-', countOf(times)];
  });
  const stored = mostFrequent([...known, ...requesters], MAX_STORED);
  return {
    state: stateOf(status),
    count: countOf(status['count']) + count,
    firstSeen: timeText(Math.min(timeOf(status['firstSeen']) ?? firstMs, firstMs)),
    lastSeen: timeText(Math.max(timeOf(status['lastSeen']) ?? lastMs, lastMs)),
    requesters: stored.map(([name, times]) => ({ name: storedName(name), count: times })),
    ...(status['since'] === undefined && { since: timeText(firstMs) }),
  };
}

/** The object is made once: what a workload needs, and what a policy lets grants waive, may be otherwise by now. */
function refusalIn(
  object: JsonObject,
  { spec: refused, lastMs }: DenialChange,
): Pick<DenialStatus, 'lastRefusal'> {
  const [spec, status] = [objectOf(object['spec']), objectOf(object['status'])];
  if (refused === undefined || lastMs < (timeOf(status['lastSeen']) ?? 0)) return {};
  const { needs, moreNeeds = 0, mayWaive = [] } = refused;
  const last = { ...(needs !== undefined && { needs, moreNeeds }), mayWaive };
  const known: JsonObject = { moreNeeds: 0, ...spec, ...objectOf(status['lastRefusal']) };
  const isKnown = Object.entries(last).every(
    ([field, value]) => JSON.stringify(value) === JSON.stringify(known[field]),
  );
  return isKnown ? {} : { lastRefusal: last };
}

/** A refusal opens again what was closed before it, and an admission closes what was refused before it. */
function turnOf(
  status: JsonObject,
  { count, lastMs, admittedMs }: DenialChange,
  lastSeenMs: number,
): Pick<DenialStatus, 'state' | 'since' | 'message'> | undefined {
  const state = stateOf(status);
  const isClosed = state === 'Resolved' || state === 'Expired' || state === 'Rejected';
  if (admittedMs > lastSeenMs) {
    if (isClosed && count === 0) return undefined;
    return { state: 'Resolved', since: timeText(admittedMs), message: 'admitted' };
  }
  const isAgain = count > 0 && isClosed && lastMs > (timeOf(status['since']) ?? 0);
  return isAgain
    ? { state: 'Open', since: timeText(lastMs), message: `was ${state}, refused again` }
    : undefined;
}

/** RFC 3339. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
