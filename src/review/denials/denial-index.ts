import { DENIAL_STATES, type DenialState } from '../../api/denial.ts';
import { objectOf, textOf } from '../../core/json.ts';
import type { Sink } from '../../kube/reflector.ts';
import type { DenialGroups, Group } from './bounds.ts';
import { type DenialEntry, denialKey, readEntry, subjectKey } from './entry.ts';

/** The denials of the cluster in memory, in every replica: a few hundred bytes of each. */
export interface DenialIndex extends Sink, DenialGroups {
  get(key: string): DenialEntry | undefined;
  /** Of one workload and account, by `subjectKey`. */
  about(subject: string): Iterable<DenialEntry>;
  forget(entry: DenialEntry): void;
  states(): ReadonlyMap<DenialState, number>;
}

export interface DenialIndexOptions {
  /** Whoever may write Denials must not be able to fill the memory: what is above it is not known. */
  readonly maxEntries: number;
  /** Hears of each that is new or has changed. */
  readonly onPut?: (entry: DenialEntry) => void;
}

const NONE: Group = new Set<DenialEntry>();

export function createDenialIndex({ maxEntries, onPut }: DenialIndexOptions): DenialIndex {
  const entries = new Map<string, DenialEntry>();
  const bySubject = createGroups(({ namespace, workload, account, judgedAs }) =>
    subjectKey(namespace, workload, account.name, judgedAs),
  );
  const byNamespace = createGroups(({ namespace }) => namespace);
  const byRequester = createGroups(({ requester }) => requester);
  const groups = [bySubject, byNamespace, byRequester];

  function remove(key: string): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    for (const group of groups) group.drop(entry);
  }

  return {
    put(object) {
      const entry = readEntry(object);
      if (entry === undefined) return undefined;
      const key = denialKey(entry);
      remove(key);
      if (entries.size >= maxEntries) return key;
      entries.set(key, entry);
      for (const group of groups) group.add(entry);
      onPut?.(entry);
      return key;
    },
    drop(object) {
      const { namespace, name } = objectOf(objectOf(object)['metadata']);
      remove(denialKey({ namespace: textOf(namespace) ?? '', name: textOf(name) ?? '' }));
    },
    retain(keys) {
      for (const key of entries.keys()) if (!keys.has(key)) remove(key);
    },
    get: (key) => entries.get(key),
    about: (subject) => bySubject.of(subject),
    forget: (entry) => remove(denialKey(entry)),
    get all() {
      return entries.values();
    },
    get size() {
      return entries.size;
    },
    inNamespace: (namespace) => byNamespace.of(namespace),
    by: (requester) => byRequester.of(requester),
    states() {
      const counts = new Map<DenialState, number>(DENIAL_STATES.map((state) => [state, 0]));
      for (const { state } of entries.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
      return counts;
    },
  };
}

function createGroups(keyOf: (entry: DenialEntry) => string) {
  const groups = new Map<string, Set<DenialEntry>>();
  return {
    add(entry: DenialEntry) {
      const key = keyOf(entry);
      groups.set(key, (groups.get(key) ?? new Set()).add(entry));
    },
    drop(entry: DenialEntry) {
      const key = keyOf(entry);
      const group = groups.get(key);
      group?.delete(entry);
      if (group?.size === 0) groups.delete(key);
    },
    of: (key: string): Group => groups.get(key) ?? NONE,
  };
}
