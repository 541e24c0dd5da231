import type { VaultScope } from '../scope/scope.ts';
import type { AclRule, VaultAcl } from './acl.ts';
import type { Pattern } from './pattern.ts';
import { createTrie, type PatternTrie } from './pattern-trie.ts';
import { capabilitiesByKind, patternsOfScope, type RequestKind } from './requests.ts';
import { type Entry, indexOf } from './rule-index.ts';
import { freshWord, type Vocabulary, vocabularyOf } from './vocabulary.ts';
import { type View, winningPaths } from './winning.ts';

/** Something the ACL gives that no owner covers. */
export interface Surplus {
  /** The rule's pattern with what is too much of its capabilities. */
  readonly scope: VaultScope;
  readonly rule: AclRule;
}

/**
 * What the ACL gives beyond `owners`, a scope a rule: the capabilities that the rule grants on some path where it wins and
 * that no owner's pattern matches. Owners may cover a rule together.
 */
export function surplus(acl: VaultAcl, owners: readonly VaultScope[]): readonly Surplus[] {
  const suspects = notOwnedAlike(acl, owners);
  for (const kind of KINDS) {
    if (!suspects.values().some((suspect) => openOf(suspect, kind).length > 0)) continue;
    const index = indexOf(acl, kind);
    const owned = ownedBy(owners, kind);
    const view = { kind, index, fresh: freshWord(index.vocabulary, owned.vocabulary) };
    for (const entry of index.entries) {
      const suspect = suspects.get(entry.rule);
      if (suspect === undefined) continue;
      for (const word of unownedOf(openOf(suspect, kind), entry, view, owned.trie)) suspect.excess.add(word);
    }
  }
  return [...suspects].flatMap(([rule, { excess }]) => {
    const capabilities = rule.capabilities.filter((word) => excess.has(word));
    return capabilities.length === 0
      ? []
      : [{ scope: { kind: 'vault', capabilities, path: rule.pattern }, rule }];
  });
}

const KINDS: readonly RequestKind[] = ['plain', 'listing'];

/** The capabilities of a rule that may be too much. */
interface Suspect {
  readonly byKind: ReadonlyMap<RequestKind, readonly string[]>;
  /** That no owner has for the very same pattern. */
  readonly unowned: ReadonlySet<string>;
  /** Found to be. */
  readonly excess: Set<string>;
}

/** Mostly few: owners name the patterns of the rules that were made for them. */
function notOwnedAlike({ rules }: VaultAcl, owners: readonly VaultScope[]): ReadonlyMap<AclRule, Suspect> {
  const owned = indicesOf(owners).byPath;
  const suspects = new Map<AclRule, Suspect>();
  for (const rule of rules) {
    const words = owned.get(rule.pattern);
    if (rule.capabilities.every((word) => words?.has(word))) continue;
    const unowned = new Set<string>(rule.capabilities.filter((word) => words?.has(word) !== true));
    suspects.set(rule, {
      byKind: new Map(capabilitiesByKind(rule.capabilities)),
      unowned,
      excess: new Set(),
    });
  }
  return suspects;
}

function openOf({ byKind, unowned, excess }: Suspect, kind: RequestKind): readonly string[] {
  return (byKind.get(kind) ?? []).filter((word) => unowned.has(word) && !excess.has(word));
}

interface Owned {
  readonly pattern: Pattern;
  readonly capabilities: readonly string[];
}

interface OwnedIndex {
  readonly trie: PatternTrie<Owned>;
  readonly vocabulary: Vocabulary;
}

interface OwnedIndices extends Partial<Record<RequestKind, OwnedIndex>> {
  /** Capabilities by the very text of the pattern. */
  readonly byPath: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Every login of an account is held against the same owners. */
const known = new WeakMap<readonly VaultScope[], OwnedIndices>();

function indicesOf(owners: readonly VaultScope[]): OwnedIndices {
  const indices = known.get(owners) ?? { byPath: capabilitiesByPath(owners) };
  known.set(owners, indices);
  return indices;
}

function capabilitiesByPath(owners: readonly VaultScope[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byPath = new Map<string, Set<string>>();
  for (const { path, capabilities } of owners) {
    const words = byPath.get(path) ?? new Set();
    for (const word of capabilities) words.add(word);
    byPath.set(path, words);
  }
  return byPath;
}

function ownedBy(owners: readonly VaultScope[], kind: RequestKind): OwnedIndex {
  const indices = indicesOf(owners);
  indices[kind] ??= createOwned(owners, kind);
  return indices[kind];
}

function createOwned(owners: readonly VaultScope[], kind: RequestKind): OwnedIndex {
  const trie = createTrie<Owned>();
  const patterns: Pattern[] = [];
  for (const owner of owners) {
    for (const pattern of patternsOfScope(kind, owner)) {
      trie.add(pattern, { pattern, capabilities: owner.capabilities });
      patterns.push(pattern);
    }
  }
  return { trie, vocabulary: vocabularyOf(patterns) };
}

/** Which of the capabilities the entry gives on a path that no owner with them matches. */
function unownedOf(
  capabilities: readonly string[],
  entry: Entry,
  view: View,
  owned: PatternTrie<Owned>,
): readonly string[] {
  const found: string[] = [];
  let open = capabilities;
  if (open.length === 0) return found;
  for (const path of winningPaths(view, entry.pattern, entry)) {
    const owners = owned.at(path);
    const coveringOf = (word: string) => owners.filter((owner) => owner.capabilities.includes(word));
    found.push(...open.filter((word) => coveringOf(word).length === 0));
    // An owner with a rest covers all that is longer too.
    open = open.filter((word) => {
      const covering = coveringOf(word);
      return covering.length > 0 && !covering.some(({ pattern }) => pattern.rest);
    });
    if (open.length === 0) break;
  }
  return found;
}
