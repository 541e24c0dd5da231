import { isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import type { Path } from '../spot.ts';
import { type Collection, keyOf, type PlainJson } from './plain-json.ts';

/** Where in its file a field stands. Both start at 1; columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The node of a field, or of the nearest thing above it that is there. */
export function nodeAt(contents: Node | null, { value, origins }: PlainJson, path: Path): Node | null {
  let node = contents;
  let at: unknown = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return node;
    const child = childOf(origins.get(at), step);
    if (child !== undefined) node = child;
    at = (at as Readonly<Record<string | number, unknown>>)[step];
  }
  return node;
}

function childOf(collection: Collection | undefined, step: string | number): Node | undefined {
  if (isSeq(collection)) return collection.items[Number(step)] as Node | undefined;
  if (!isMap(collection)) return undefined;
  const pair = collection.items.findLast((item) => keyOf(item) === step);
  return (pair?.value ?? pair?.key ?? undefined) as Node | undefined;
}

/** Text, and where its lines start. */
export interface Source {
  readonly text: string;
  readonly lines: LineCounter;
}

export function positionAt({ lines }: Source, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

/**
 * @param within a place in a string: exact for literal blocks (`|`) and for one line without escapes, else the string's own.
 */
export function positionOf(source: Source, node: Node, within: Position | undefined): Position {
  const start = positionAt(source, node.range?.[0] ?? 0);
  if (within === undefined || !isScalar(node) || typeof node.value !== 'string') return start;
  if (node.type === 'BLOCK_LITERAL') return withinBlock(source, start, node.value, within);
  const quote = node.type === 'PLAIN' ? 0 : 1;
  const [from = 0, to = 0] = node.range ?? [];
  const exact = within.line === 1 && source.text.slice(from + quote, to - quote) === node.value;
  return exact ? { line: start.line, column: start.column + quote + within.column - 1 } : start;
}

/** The lines of the block's value are those below its header, without their indentation. */
function withinBlock({ text }: Source, start: Position, value: string, within: Position): Position {
  const line = start.line + within.line;
  const written = (text.split('\n')[line - 1] ?? '').replace(/\r$/, '');
  const meant = value.split('\n')[within.line - 1] ?? '';
  return { line, column: written.length - meant.length + within.column };
}
