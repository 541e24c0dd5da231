/**
 * Vault's own `covers`. Rules do not add up: at each path one wins, so a needed pattern is held when on every path under
 * it the winner grants what is needed. What a capability means is what a request for it meets: see `requests.ts`.
 */
import type { VaultScope } from '../scope/scope.ts';
import type { AclRule, VaultAcl } from './acl.ts';
import { meet, type Pattern } from './pattern.ts';
import { capabilitiesByKind, patternsOfScope, type RequestKind, textOfPath } from './requests.ts';
import { type Entry, indexOf } from './rule-index.ts';
import { freshWord, vocabularyOf } from './vocabulary.ts';
import { type View, winningPaths } from './winning.ts';

/** A part of a needed scope that the ACL does not give. */
export interface Withheld {
  /** The needed pattern with the capabilities that are withheld at the example. */
  readonly scope: VaultScope;
  /** A concrete path under the pattern that is refused, the shortest; that of a list ends in a slash. */
  readonly example: string;
  /** The rule that wins there and withholds it; `undefined`: none matches. */
  readonly by: AclRule | undefined;
}

/** What of `need` is not held on every path under its pattern. One entry per capability set and counter-example. */
export function withheld(acl: VaultAcl, need: VaultScope): readonly Withheld[] {
  const lossByCapability = new Map<string, Loss>();
  for (const [kind, capabilities] of capabilitiesByKind(need.capabilities)) {
    const question = questionOf(acl, kind, need);
    noteLosses(lossByCapability, capabilities, undefined, question);
    for (const entry of question.view.index.entries) {
      noteLosses(lossByCapability, capabilities, entry, question);
    }
  }
  return grouped(need, lossByCapability);
}

/** Rules with constraints that win somewhere under the pattern: there a request may still be refused. */
export function constrainedUnder(acl: VaultAcl, need: VaultScope): readonly AclRule[] {
  // Few have any.
  if (acl.rules.every(({ constraints }) => constraints.length === 0)) return [];
  const rules = new Set<AclRule>();
  for (const [kind, capabilities] of capabilitiesByKind(need.capabilities)) {
    const { view, areas } = questionOf(acl, kind, need);
    for (const entry of view.index.entries) {
      const { rule } = entry;
      if (rule.constraints.length === 0 || !capabilities.some((word) => grants(entry, word))) continue;
      const common = areas.flatMap((area) => meet(area, entry.pattern) ?? []);
      if (common.some((area) => firstOf(winningPaths(view, area, entry)) !== undefined)) rules.add(rule);
    }
  }
  return acl.rules.filter((rule) => rules.has(rule));
}

/** An example that is refused, and the entry that it is lost to. */
interface Loss {
  readonly kind: RequestKind;
  readonly path: readonly string[];
  readonly length: number;
  readonly entry: Entry | undefined;
}

interface Question {
  readonly view: View;
  /** What is needed. */
  readonly areas: readonly Pattern[];
}

function questionOf(acl: VaultAcl, kind: RequestKind, need: VaultScope): Question {
  const index = indexOf(acl, kind);
  const areas = patternsOfScope(kind, need);
  return { view: { kind, index, fresh: freshWord(index.vocabulary, vocabularyOf(areas)) }, areas };
}

function grants(entry: Entry | undefined, word: string): boolean {
  return entry?.rule.capabilities.some((capability) => capability === word) === true;
}

/** Most entries have nothing in common with what is needed. */
function noteLosses(
  losses: Map<string, Loss>,
  capabilities: readonly string[],
  entry: Entry | undefined,
  { view, areas }: Question,
): void {
  for (const area of areas) {
    const common = entry === undefined ? area : meet(area, entry.pattern);
    if (common !== undefined) noteLoss(losses, capabilities, { entry, common, view });
  }
}

function noteLoss(
  losses: Map<string, Loss>,
  capabilities: readonly string[],
  {
    entry,
    common,
    view,
  }: { readonly entry: Entry | undefined; readonly common: Pattern; readonly view: View },
): void {
  const isBetter = (length: number, known: Loss | undefined) =>
    known === undefined || compareLosses({ length, entry }, known) < 0;
  const lacking = capabilities.filter((word) => !grants(entry, word));
  if (!lacking.some((word) => isBetter(common.segments.length, losses.get(word)))) return;
  const path = firstOf(winningPaths(view, common, entry));
  if (path === undefined) return;
  const loss = { kind: view.kind, path, length: path.length, entry };
  for (const word of lacking) {
    if (isBetter(path.length, losses.get(word))) losses.set(word, loss);
  }
}

/** A shorter example is better, then one that is lost to a more general rule. */
function compareLosses(a: Pick<Loss, 'length' | 'entry'>, b: Pick<Loss, 'length' | 'entry'>): number {
  return a.length - b.length || rankOf(b) - rankOf(a);
}

function rankOf({ entry }: Pick<Loss, 'entry'>): number {
  return entry?.rank ?? Number.MAX_SAFE_INTEGER;
}

function grouped(need: VaultScope, losses: ReadonlyMap<string, Loss>): readonly Withheld[] {
  const byLoss = new Map<string, Omit<Withheld, 'scope'> & { readonly capabilities: string[] }>();
  for (const word of new Set(need.capabilities)) {
    const loss = losses.get(word);
    if (loss === undefined) continue;
    const example = textOfPath(loss.kind, loss.path);
    const by = loss.entry?.rule;
    // A read and a list of `a/` may be lost to different rules.
    const key = JSON.stringify([example, by?.pattern]);
    const group = byLoss.get(key) ?? { example, by, capabilities: [] };
    group.capabilities.push(word);
    byLoss.set(key, group);
  }
  return [...byLoss.values()].map(({ example, by, capabilities }) => ({
    scope: { ...need, capabilities },
    example,
    by,
  }));
}

function firstOf<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
