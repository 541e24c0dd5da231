import { type Pattern, sampleOf } from './pattern.ts';
import { canBeAsked, type RequestKind } from './requests.ts';
import { type Entry, findEntry, type RuleIndex } from './rule-index.ts';

/** How the rules of an ACL are looked at: by one kind of request, with a word that nothing in question knows. */
export interface View {
  readonly kind: RequestKind;
  readonly index: RuleIndex;
  readonly fresh: string;
}

/**
 * Paths of `area` at which the entry wins (`undefined`: at which none matches), from the shortest on, one for each number
 * of segments. `area` lies within the entry's pattern. Together they tell all there is to tell: an entry that wins at a
 * sampled path and is not the wanted one matches every path of the area that has as many segments, so it wins there too.
 * Ends where no longer path can be won; where all can, it does not end.
 */
export function* winningPaths(
  { kind, index, fresh }: View,
  area: Pattern,
  entry: Entry | undefined,
): Generator<readonly string[]> {
  for (let depth = area.segments.length; ; depth += 1) {
    const path = sampleOf(area, depth, fresh);
    if (!canBeAsked(kind, path)) return;
    const winner = findEntry(index, path);
    if (winner === entry) yield path;
    else if (winner?.pattern.rest === true) return;
    if (!area.rest) return;
  }
}
