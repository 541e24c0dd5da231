/** What a value of a policy may be, what it is once read, and how a single word becomes it. */

import { type Literal, literalText, type Node } from './hcl-tree.ts';
import { wholeNumber } from './policy-numbers.ts';

export type Shape =
  | { readonly kind: 'text' | 'whole' | 'float' | 'flag' | 'any' }
  | { readonly kind: 'list' | 'map'; readonly of: Shape }
  | { readonly kind: 'fields'; readonly fields: Readonly<Record<string, Shape>> };

/** Lists and maps grow while they are decoded, so that many values for one key stay cheap. */
export type Value = string | bigint | number | boolean | Value[] | Map<string, Value>;
export type ValueMap = ReadonlyMap<string, Value>;

export const ANY: Shape = { kind: 'any' };
const TEXT: Shape = { kind: 'text' };
const WHOLE: Shape = { kind: 'whole' };
const FLOAT: Shape = { kind: 'float' };
const FLAG: Shape = { kind: 'flag' };
const LIST: Shape = { kind: 'list', of: ANY };
const MAP: Shape = { kind: 'map', of: ANY };
const MAPS: Shape = { kind: 'list', of: MAP };

export const SHAPE_NAMES: Readonly<Record<Shape['kind'], string>> = {
  text: 'a string',
  whole: 'a whole number',
  float: 'a number',
  flag: '`true` or `false`',
  any: 'a value',
  list: 'a list in `[ ]`',
  map: 'a block in `{ }`',
  fields: 'a block in `{ }`',
};

export function isMap(value: Value | undefined): value is Map<string, Value> {
  return value instanceof Map;
}

export function scalarOf({ kind }: Shape, literal: Literal): Value | undefined {
  switch (kind) {
    case 'flag':
      return literal.kind === 'bool' ? literal.text === 'true' : undefined;
    case 'float': {
      const value = literal.kind === 'float' || literal.kind === 'number' ? Number(literal.text) : Number.NaN;
      return Number.isFinite(value) ? value : undefined;
    }
    case 'whole':
      return literal.kind === 'heredoc' ? undefined : wholeNumber(literalText(literal) ?? '');
    default:
      return literalText(literal);
  }
}

/** Of something that may be anything: what it looks like. */
export function shapeOf(kind: Node['kind'] | 'items', inList: boolean): Shape {
  switch (kind) {
    case 'block':
    case 'items':
      return inList ? MAP : MAPS;
    case 'list':
      return LIST;
    case 'bool':
      return FLAG;
    case 'float':
      return FLOAT;
    case 'number':
      return WHOLE;
    case 'string':
    case 'heredoc':
      return TEXT;
  }
}

/** Of a further value for a key that may be anything: what the first one was. */
export function shapeLike(old: Value): Shape {
  if (typeof old === 'string') return TEXT;
  if (typeof old === 'bigint') return WHOLE;
  if (typeof old === 'number') return FLOAT;
  if (typeof old === 'boolean') return FLAG;
  if (isMap(old)) return MAP;
  return old.length > 0 && old.every(isMap) ? MAPS : LIST;
}
