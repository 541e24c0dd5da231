/** What HCL and JSON are read into: the tree of Vault's parser, before anything is known about its keys. */

import type { LiteralKind, Token } from './hcl-scan.ts';
import { heredocText, unquote } from './hcl-string.ts';

export type Node = Literal | List | Block;

export interface Literal {
  readonly kind: LiteralKind | 'bool';
  /** As written; empty for a `null` of JSON, which Vault takes for an empty string. */
  readonly text: string;
  readonly json: boolean;
  readonly at: number;
}

export interface List {
  readonly kind: 'list';
  readonly nodes: readonly Node[];
  readonly at: number;
}

export interface Block {
  readonly kind: 'block';
  readonly items: readonly Item[];
  readonly at: number;
}

/** `KEY… VALUE`; several keys stand for blocks in each other. */
export interface Item {
  readonly kind: 'item';
  readonly keys: readonly Key[];
  readonly value: Node;
  readonly at: number;
}

export interface Key {
  /** `undefined`: no text, such as `"\777"`. */
  readonly name: string | undefined;
  readonly at: number;
}

/** Deeper than any policy; the servers have no bound of their own. Keys in JSON count, as they end up in one item. */
export const MAX_DEPTH = 50;

export function keyOf({ kind, text, at }: Token, json: boolean): Key {
  return { name: kind === 'ident' ? text : unquote(text, json), at };
}

/** `undefined` where the literal is no text, or no number that Vault takes for one. */
export function literalText({ kind, text, json }: Literal): string | undefined {
  if (kind === 'heredoc') return heredocText(text);
  if (kind === 'string') return text === '' ? '' : unquote(text, json);
  return kind === 'number' ? text : undefined;
}
