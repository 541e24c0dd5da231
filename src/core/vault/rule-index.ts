import type { AclRule, Dialect, VaultAcl } from './acl.ts';
import { type Pattern, parsePattern } from './pattern.ts';
import { createTrie, type PatternTrie } from './pattern-trie.ts';
import { isExact } from './precedence.ts';
import { type RequestKind, slashed } from './requests.ts';
import { type Vocabulary, vocabularyOf } from './vocabulary.ts';

/** A pattern by which a rule is found, and how early: lower ranks win. */
export interface Entry {
  readonly pattern: Pattern;
  readonly rank: number;
  readonly rule: AclRule;
}

/** The rules of an ACL as one kind of request finds them. */
export interface RuleIndex {
  readonly entries: readonly Entry[];
  readonly trie: PatternTrie<Entry>;
  readonly vocabulary: Vocabulary;
}

/** Of each ACL, which does not change: built once, when it is first asked for. */
const known = new WeakMap<VaultAcl, Partial<Record<RequestKind, RuleIndex>>>();

export function indexOf(acl: VaultAcl, kind: RequestKind): RuleIndex {
  const indices = known.get(acl) ?? {};
  known.set(acl, indices);
  indices[kind] ??= createIndex(kind === 'plain' ? plainEntries(acl) : listingEntries(acl));
  return indices[kind];
}

/** The entry that wins at a path. */
export function findEntry({ trie }: RuleIndex, path: readonly string[]): Entry | undefined {
  let winner: Entry | undefined;
  for (const entry of trie.at(path)) {
    if (winner === undefined || entry.rank < winner.rank) winner = entry;
  }
  return winner;
}

export function findRule(acl: VaultAcl, kind: RequestKind, path: readonly string[]): AclRule | undefined {
  return findEntry(indexOf(acl, kind), path)?.rule;
}

function createIndex(entries: readonly Entry[]): RuleIndex {
  const trie = createTrie<Entry>();
  for (const entry of entries) trie.add(entry.pattern, entry);
  return { entries, trie, vocabulary: vocabularyOf(entries.map(({ pattern }) => pattern)) };
}

function plainEntries({ rules }: VaultAcl): readonly Entry[] {
  return rules.map((rule, rank) => ({ pattern: parsePattern(rule.pattern), rank, rule }));
}

/** Groups of patterns, by whether they match the listed path with its slash or without: the lower wins, whatever they are. */
const GROUPS: Readonly<Record<Dialect | 'exact', { readonly slashed: number; readonly bare: number }>> = {
  exact: { slashed: 0, bare: 1 },
  openbao: { slashed: 2, bare: 3 },
  vault: { slashed: 3, bare: 2 },
};

function listingEntries({ dialect, rules }: VaultAcl): readonly Entry[] {
  return rules.flatMap((rule, place) => {
    const group = GROUPS[isExact(rule.pattern) ? 'exact' : dialect];
    const pattern = parsePattern(rule.pattern);
    const entryOf = (matched: Pattern, first: number): Entry => ({
      pattern: matched,
      rank: first * rules.length + place,
      rule,
    });
    // What a pattern with a rest matches without the slash, it matches with it too.
    const bare = pattern.rest ? Math.min(group.bare, group.slashed) : group.bare;
    return [entryOf(pattern, bare), ...slashed(pattern).map((matched) => entryOf(matched, group.slashed))];
  });
}
