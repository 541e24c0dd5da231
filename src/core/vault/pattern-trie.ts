import type { Pattern } from './pattern.ts';

/** Patterns with something for each, found by path at a cost that does not grow with their number. */
export interface PatternTrie<T> {
  add(pattern: Pattern, value: T): void;
  /** Of all patterns that match. */
  at(path: readonly string[]): readonly T[];
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  any: Node<T> | undefined;
  readonly ending: T[];
  /** Of patterns with a rest, by the beginning of the segment that comes next. */
  readonly stems: Map<string, T[]>;
  readonly stemLengths: Set<number>;
}

export function createTrie<T>(): PatternTrie<T> {
  const root = newNode<T>();
  return {
    add(pattern, value) {
      insert(root, pattern, value);
    },
    at(path) {
      return find(root, path);
    },
  };
}

function newNode<T>(): Node<T> {
  return { literals: new Map(), any: undefined, ending: [], stems: new Map(), stemLengths: new Set() };
}

function insert<T>(root: Node<T>, { segments, rest }: Pattern, value: T): void {
  const stem = rest ? segments.at(-1)?.text : undefined;
  let node = root;
  for (const segment of stem === undefined ? segments : segments.slice(0, -1)) {
    node = segment.open ? anyOf(node) : literalOf(node, segment.text);
  }
  if (stem === undefined) {
    node.ending.push(value);
    return;
  }
  const values = node.stems.get(stem);
  if (values === undefined) node.stems.set(stem, [value]);
  else values.push(value);
  node.stemLengths.add(stem.length);
}

function anyOf<T>(node: Node<T>): Node<T> {
  node.any ??= newNode();
  return node.any;
}

function literalOf<T>(node: Node<T>, text: string): Node<T> {
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
    for (const node of nodes) {
      const { literals, any } = node;
      collectStems(node, segment, found);
      const literal = literals.get(segment);
      if (literal !== undefined) next.push(literal);
      if (any !== undefined) next.push(any);
    }
    nodes = next;
  }
  for (const { ending } of nodes) found.push(...ending);
  return found;
}

function collectStems<T>({ stems, stemLengths }: Node<T>, segment: string, found: T[]): void {
  for (const length of stemLengths) {
    if (length <= segment.length) found.push(...(stems.get(segment.slice(0, length)) ?? []));
  }
}
