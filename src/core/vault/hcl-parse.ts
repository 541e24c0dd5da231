/** HCL 1 text to its tree, as Vault's parser of it (github.com/hashicorp/hcl v1.0.1-vault) does. */

import { advance, createReader, fail, type Mistake, type Reader } from './hcl-reader.ts';
import { scanHcl, type TokenKind } from './hcl-scan.ts';
import { type Item, type Key, keyOf, MAX_DEPTH, type Node } from './hcl-tree.ts';

/** Line ends have to be `\n`. */
export function parseHcl(text: string): readonly Item[] | Mistake {
  const reserved = text.search(/[\0\ue123]/);
  if (reserved >= 0) return { at: reserved, message: 'unexpected character: Vault keeps it for itself' };
  const reader = createReader(text, scanHcl);
  const items = readItems(reader, 'eof', 0);
  return reader.mistake ?? items;
}

/** Until the closing brace or the end, which stays the token. */
function readItems(reader: Reader, end: TokenKind, depth: number): readonly Item[] {
  const items: Item[] = [];
  while (reader.token.kind !== end) {
    const item = readItem(reader, depth);
    if (item === undefined) return items;
    items.push(item);
    if (reader.token.kind === ',') advance(reader);
  }
  return items;
}

function readItem(reader: Reader, depth: number): Item | undefined {
  const { at } = reader.token;
  const keys: Key[] = [];
  while (reader.token.kind === 'ident' || reader.token.kind === 'string') {
    keys.push(keyOf(reader.token, false));
    advance(reader);
  }
  if (keys.length === 0) return fail(reader, depth > 0 ? 'a key or `}`' : 'a key');
  if (reader.token.kind === '=') {
    if (keys.length > 1) return fail(reader, '`{` after more than one key');
    // A key at the very end of the text whose value is missing is forgotten.
    if (advance(reader) === 'eof' && depth === 0) return undefined;
  } else if (reader.token.kind !== '{') {
    return fail(reader, '`=` or `{` after the key');
  }
  const value = readValue(reader, depth + 1);
  return value && { kind: 'item', keys, value, at };
}

function readValue(reader: Reader, depth: number): Node | undefined {
  const { kind, text, at } = reader.token;
  if (depth > MAX_DEPTH) return fail(reader, `at most ${MAX_DEPTH} blocks and lists in each other`);
  switch (kind) {
    case 'string':
    case 'heredoc':
    case 'number':
    case 'float':
    case 'bool':
      advance(reader);
      return { kind, text, json: false, at };
    case '[':
      return readList(reader, depth);
    case '{': {
      advance(reader);
      const items = readItems(reader, '}', depth);
      if (reader.mistake !== undefined) return undefined;
      advance(reader);
      return { kind: 'block', items, at };
    }
    default:
      return fail(reader, 'a value');
  }
}

/** Commas may be too many, but only after a list may one be missing. */
function readList(reader: Reader, depth: number): Node | undefined {
  const { at } = reader.token;
  const nodes: Node[] = [];
  let needsComma = false;
  advance(reader);
  for (;;) {
    const { kind } = reader.token;
    if (kind === ']' || kind === ',') {
      advance(reader);
      if (kind === ']') return { kind: 'list', nodes, at };
      needsComma = false;
      continue;
    }
    if (needsComma) return fail(reader, '`,` or `]` after an element of the list');
    const node = readValue(reader, depth + 1);
    if (node === undefined) return undefined;
    nodes.push(node);
    needsComma = node.kind !== 'list';
  }
}
