import { matches, type Pattern } from './pattern.ts';

/** Patterns with something for each, found by path at a cost that does not grow with their number. */
export interface PatternTrie<T> {
  add(pattern: Pattern, value: T): void;
  /** Of all patterns that match. */
  at(path: readonly string[]): readonly T[];
}

/** Most have one child and no value, and there are thousands: what is not there takes no room. */
interface Node<T> {
  literals: Map<string, Node<T>> | undefined;
  any: Node<T> | undefined;
  ending: T[] | undefined;
  stems: Stems<T> | undefined;
}

/** Of patterns with a rest, by the beginning of the segment that comes next. */
interface Stems<T> {
  readonly values: Map<string, T[]>;
  readonly lengths: Set<number>;
}

/** Up to so many are tried one by one: that is as fast, and takes a tenth of the room, for thousands of logins. */
const FEW = 64;

export function createTrie<T>(few = FEW): PatternTrie<T> {
  const listed: { readonly pattern: Pattern; readonly value: T }[] = [];
  let root: Node<T> | undefined;
  return {
    add(pattern, value) {
      if (root !== undefined) {
        insert(root, pattern, value);
        return;
      }
      listed.push({ pattern, value });
      if (listed.length <= few) return;
      root = newNode();
      for (const one of listed.splice(0)) insert(root, one.pattern, one.value);
    },
    at(path) {
      if (root !== undefined) return find(root, path);
      const found: T[] = [];
      for (const { pattern, value } of listed) if (matches(pattern, path)) found.push(value);
      return found;
    },
  };
}

function newNode<T>(): Node<T> {
  return { literals: undefined, any: undefined, ending: undefined, stems: undefined };
}

function insert<T>(root: Node<T>, { segments, rest }: Pattern, value: T): void {
  const stem = rest ? segments.at(-1)?.text : undefined;
  const whole = stem === undefined ? segments.length : segments.length - 1;
  let node = root;
  for (const segment of segments.slice(0, whole)) {
    node = segment.open ? anyOf(node) : literalOf(node, segment.text);
  }
  if (stem === undefined) {
    if (node.ending === undefined) node.ending = [value];
    else node.ending.push(value);
    return;
  }
  node.stems ??= { values: new Map(), lengths: new Set() };
  const values = node.stems.values.get(stem);
  if (values === undefined) node.stems.values.set(stem, [value]);
  else values.push(value);
  node.stems.lengths.add(stem.length);
}

function anyOf<T>(node: Node<T>): Node<T> {
  node.any ??= newNode();
  return node.any;
}

function literalOf<T>(node: Node<T>, text: string): Node<T> {
  node.literals ??= new Map();
  const known = node.literals.get(text);
  if (known !== undefined) return known;
  const made = newNode<T>();
  node.literals.set(text, made);
  return made;
}

/** Segment by segment, not by recursion: a pattern may be deeper than the stack. */
function find<T>(root: Node<T>, path: readonly string[]): readonly T[] {
  const found: T[] = [];
  let nodes: readonly Node<T>[] = [root];
  for (const segment of path) {
    const next: Node<T>[] = [];
    for (const { literals, any, stems } of nodes) {
      if (stems !== undefined) collectStems(stems, segment, found);
      const literal = literals?.get(segment);
      if (literal !== undefined) next.push(literal);
      if (any !== undefined) next.push(any);
    }
    if (next.length === 0) return found;
    nodes = next;
  }
  for (const { ending } of nodes) if (ending !== undefined) found.push(...ending);
  return found;
}

function collectStems<T>({ values, lengths }: Stems<T>, segment: string, found: T[]): void {
  for (const length of lengths) {
    if (length <= segment.length) found.push(...(values.get(segment.slice(0, length)) ?? []));
  }
}
