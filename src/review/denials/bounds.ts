import type { DenialState } from '../../api/denial.ts';
import { carriesOut } from '../../core/admission/controllers.ts';
import { BUILT_IN_RESCHEDULERS } from '../../core/admission/reschedulers.ts';
import { compareText } from '../../core/scope/canonical.ts';
import type { DenialEntry } from './entry.ts';

/** How many Denials there may be. */
export interface DenialBounds {
  readonly maxPerNamespace: number;
  readonly maxPerRequester: number;
  readonly maxInCluster: number;
}

/** The denials that are known, as the bounds count them. */
export interface DenialGroups {
  readonly all: Iterable<DenialEntry>;
  readonly size: number;
  inNamespace(namespace: string): Group;
  by(requester: string): Group;
}

export type Group = Iterable<DenialEntry> & { readonly size: number };

/** What would be a Denial more. */
export interface Newcomer {
  readonly namespace: string;
  readonly requester: string;
  readonly count: number;
}

const RANK: Readonly<Record<DenialState, number>> = {
  Resolved: 0,
  Rejected: 0,
  Expired: 0,
  Open: 1,
  Granted: 2,
};

/** Who goes first: what is closed, the oldest of it; then what is open, the rarest and of that the oldest; what is granted last. */
export function evictionOrder(a: DenialEntry, b: DenialEntry): number {
  return (
    RANK[a.state] - RANK[b.state] ||
    (RANK[a.state] === 0 ? a.sinceMs - b.sinceMs : a.count - b.count) ||
    a.lastSeenMs - b.lastSeenMs ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  );
}

/**
 * Those that have to go before one more is made; `undefined`: there is no room, since what is there is refused more often or
 * is granted.
 */
export function roomFor(
  newcomer: Newcomer,
  groups: DenialGroups,
  bounds: DenialBounds,
): readonly DenialEntry[] | undefined {
  const going: DenialEntry[] = [];
  for (const [group, max] of groupsOf(newcomer, groups, bounds)) {
    const staying = [...group].filter((entry) => !going.includes(entry));
    const excess = staying.length + 1 - max;
    if (excess <= 0) continue;
    const first = staying.toSorted(evictionOrder).slice(0, excess);
    if (first.length < excess || first.some((entry) => !yields(entry, newcomer))) return undefined;
    going.push(...first);
  }
  return going;
}

/** The narrowest first: whoever floods makes room among their own. */
function groupsOf(
  { namespace, requester }: Newcomer,
  groups: DenialGroups,
  bounds: DenialBounds,
): readonly (readonly [group: Iterable<DenialEntry>, max: number])[] {
  const [own, here] = [groups.by(requester), groups.inNamespace(namespace)];
  return [
    ...(isBounded(requester) && own.size >= bounds.maxPerRequester
      ? [[own, bounds.maxPerRequester] as const]
      : []),
    ...(here.size >= bounds.maxPerNamespace ? [[here, bounds.maxPerNamespace] as const] : []),
    ...(groups.size >= bounds.maxInCluster ? [[groups.all, bounds.maxInCluster] as const] : []),
  ];
}

function yields({ state, count }: DenialEntry, newcomer: Newcomer): boolean {
  return RANK[state] === 0 || (state === 'Open' && count <= newcomer.count);
}

/** Whoever carries out what others asked for is refused on their behalf, all over the cluster. */
function isBounded(requester: string): boolean {
  return !carriesOut(requester) && !BUILT_IN_RESCHEDULERS.some(({ username }) => username === requester);
}

/** Those above the bounds, in the order in which they go. */
export function overBounds(groups: DenialGroups, bounds: DenialBounds): readonly DenialEntry[] {
  const going = new Set<DenialEntry>();
  const all = [...groups.all].toSorted(evictionOrder);
  const left = {
    requester: tallyOf(all, ({ requester }) => requester),
    namespace: tallyOf(all, ({ namespace }) => namespace),
    cluster: all.length,
  };
  const tooMany = ({ requester, namespace }: DenialEntry) =>
    (isBounded(requester) && (left.requester.get(requester) ?? 0) > bounds.maxPerRequester) ||
    (left.namespace.get(namespace) ?? 0) > bounds.maxPerNamespace;
  const go = (entry: DenialEntry) => {
    going.add(entry);
    left.cluster -= 1;
    left.requester.set(entry.requester, (left.requester.get(entry.requester) ?? 0) - 1);
    left.namespace.set(entry.namespace, (left.namespace.get(entry.namespace) ?? 0) - 1);
  };
  for (const entry of all) if (tooMany(entry)) go(entry);
  for (const entry of all) if (left.cluster > bounds.maxInCluster && !going.has(entry)) go(entry);
  return [...going];
}

function tallyOf(
  entries: readonly DenialEntry[],
  keyOf: (entry: DenialEntry) => string,
): Map<string, number> {
  const tally = new Map<string, number>();
  for (const entry of entries) tally.set(keyOf(entry), (tally.get(keyOf(entry)) ?? 0) + 1);
  return tally;
}
