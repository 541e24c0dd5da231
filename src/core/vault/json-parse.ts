/**
 * JSON to the tree of HCL, as Vault's parser of it does: what follows the first value that has no comma after it is not
 * read, booleans and inner brackets of lists are passed over, and objects of objects become blocks with several keys.
 */

import { advance, createReader, fail, type Mistake, type Reader } from './hcl-reader.ts';
import type { Token } from './hcl-scan.ts';
import {
  type Block,
  type Item,
  type Key,
  keyOf,
  type List,
  type Literal,
  MAX_DEPTH,
  type Node,
} from './hcl-tree.ts';
import { scanJson } from './json-scan.ts';

export function isJson(text: string): boolean {
  return /^[ \t\r\n]*\{/.test(text);
}

export function parseJson(text: string): readonly Item[] | Mistake {
  const reader = createReader(text, scanJson);
  const block = readBlock(reader, 0);
  return reader.mistake ?? flatten(block?.items ?? []);
}

/** The token is its opening brace; afterwards it is the last one read. */
function readBlock(reader: Reader, depth: number): Block | undefined {
  const { at } = reader.token;
  const items: Item[] = [];
  do {
    const item = readItem(reader, depth);
    if (reader.mistake !== undefined) {
      // A brace in a wrong place closes the object all the same, unless the scanner has complained.
      if (reader.token.kind !== '}') return undefined;
      reader.mistake = undefined;
      return { kind: 'block', items, at };
    }
    if (item === undefined) break;
    items.push(item);
  } while (advance(reader) === ',');
  if (reader.token.kind === 'illegal') return fail(reader, '`}`');
  return { kind: 'block', items, at };
}

/** `undefined` without a mistake: the text is at its end. */
function readItem(reader: Reader, depth: number): Item | undefined {
  const keys: Key[] = [];
  for (;;) {
    const kind = advance(reader);
    if (kind === 'eof') return undefined;
    if (kind === ':' && keys.length > 0) break;
    if (kind !== 'string') return fail(reader, keys.length > 0 ? '`:` after the key' : 'a key in quotes');
    keys.push(keyOf(reader.token, true));
  }
  if (advance(reader) === 'eof') return undefined;
  const value = readValue(reader, depth + keys.length);
  return value && { kind: 'item', keys, value, at: keys[0]?.at ?? 0 };
}

function readValue(reader: Reader, depth: number): Node | undefined {
  if (depth > MAX_DEPTH) return fail(reader, `at most ${MAX_DEPTH} objects and lists in each other`);
  switch (reader.token.kind) {
    case '{':
      return readBlock(reader, depth);
    case '[':
      return readList(reader, depth);
    default:
      return literal(reader.token) ?? fail(reader, 'a value');
  }
}

function literal({ kind, text, at }: Token): Literal | undefined {
  switch (kind) {
    case 'null':
      return { kind: 'string', text: '', json: true, at };
    case 'bool':
    case 'number':
    case 'float':
    case 'string':
      return { kind, text, json: true, at };
    default:
      return undefined;
  }
}

function readList(reader: Reader, depth: number): List | undefined {
  const { at } = reader.token;
  const nodes: Node[] = [];
  for (;;) {
    const kind = advance(reader);
    if (kind === ']') return { kind: 'list', nodes, at };
    if (kind === ',' || kind === 'bool' || kind === '[') continue;
    const node = kind === 'null' ? fail(reader, 'a value other than null') : readValue(reader, depth + 1);
    if (node === undefined) return undefined;
    nodes.push(node);
  }
}

function flatten(items: readonly Item[]): readonly Item[] {
  return items.flatMap(flattened).map((item) => ({ ...item, value: flattenedInside(item.value) }));
}

function flattenedInside(node: Node): Node {
  if (node.kind === 'block') return { ...node, items: flatten(node.items) };
  return node.kind === 'list' ? { ...node, nodes: node.nodes.map(flattenedInside) } : node;
}

/** An object whose values are all objects, and a list of objects, become as many items as they have. */
function flattened(item: Item): readonly Item[] {
  const { value } = item;
  if (
    value.kind === 'block' &&
    value.items.length > 0 &&
    value.items.every((inner) => inner.value.kind === 'block')
  ) {
    return value.items.flatMap((inner) =>
      flattened({ ...item, keys: [...item.keys, ...inner.keys], value: inner.value }),
    );
  }
  if (value.kind === 'list' && value.nodes.length > 0 && value.nodes.every((node) => node.kind === 'block')) {
    return value.nodes.flatMap((node) => flattened({ ...item, value: node }));
  }
  return [item];
}
