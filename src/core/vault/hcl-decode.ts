/**
 * What a tree says, by the shape that a key of a policy has, as Vault's decoder has it: several values for one key add up
 * where they are lists or maps, else the last one counts.
 */

import {
  contentOf,
  elementsOf,
  folded,
  isLiteral,
  itemsOf,
  type Place,
  rowsOf,
  saidBy,
} from './hcl-place.ts';
import type { Mistake } from './hcl-reader.ts';
import {
  ANY,
  isMap,
  SHAPE_NAMES,
  type Shape,
  scalarOf,
  shapeLike,
  shapeOf,
  type Value,
} from './hcl-shape.ts';
import type { Literal } from './hcl-tree.ts';

type Decoded = { readonly value: Value } | Mistake;
type Fields = Shape & { readonly kind: 'fields' };

/** `old` is what the same key said before; `inList`: it is an element of a list. */
export function decode(shape: Shape, place: Place, old?: Value, inList = false): Decoded {
  switch (shape.kind) {
    case 'text':
    case 'whole':
    case 'float':
    case 'flag':
      return isLiteral(place) ? decodeScalar(shape, place) : unfit(shape, place);
    case 'any':
      return decodeAny(place, old, inList);
    case 'list':
      return decodeList(shape, shape.of, place, old);
    case 'map':
      return decodeMap(shape, shape.of, place, old);
    case 'fields':
      return decodeFields(shape, place);
  }
}

function unfit(shape: Shape, { at }: Place): Mistake {
  return { at, message: `expected ${SHAPE_NAMES[shape.kind]}` };
}

function decodeScalar(shape: Shape, literal: Literal): Decoded {
  const value = scalarOf(shape, literal);
  return value === undefined ? unfit(shape, literal) : { value };
}

function decodeAny(place: Place, old: Value | undefined, inList: boolean): Decoded {
  if (place.kind === 'item') return unfit(ANY, place);
  return decode(old === undefined ? shapeOf(place.kind, inList) : shapeLike(old), place, old);
}

function decodeList(shape: Shape, of: Shape, place: Place, old: Value | undefined): Decoded {
  const elements = elementsOf(place);
  if (elements === undefined) return unfit(shape, place);
  const values = Array.isArray(old) ? old : [];
  for (const element of elements) {
    const decoded = decode(of, element, undefined, true);
    if ('message' in decoded) return decoded;
    values.push(decoded.value);
  }
  return { value: values };
}

function decodeMap(shape: Shape, of: Shape, place: Place, old: Value | undefined): Decoded {
  const items = itemsOf(place);
  if (items === undefined) return unfit(shape, place);
  const values = isMap(old) ? old : new Map<string, Value>();
  const rows = rowsOf(items);
  const done = new Set<string>();
  for (const { keys, value, at } of items) {
    const name = keys[0]?.name;
    if (name === undefined) return { at, message: 'expected a string that is text' };
    if (done.has(name)) continue;
    const several = keys.length > 1;
    if (several) done.add(name);
    const content: Place = several ? { kind: 'items', items: rows.get(folded(name)) ?? [], at } : value;
    const decoded = decode(of, content, values.get(name));
    if ('message' in decoded) return decoded;
    values.set(name, decoded.value);
  }
  return { value: values };
}

/** Keys that the shape has not are passed over. A second block replaces the first. */
function decodeFields(shape: Fields, place: Place): Decoded {
  const items = contentOf(place);
  if (items === undefined) return unfit(shape, place);
  const values = new Map<string, Value>();
  for (const [name, row] of rowsOf(items)) {
    const inner = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    if (inner === undefined) continue;
    for (const said of saidBy(row)) {
      const decoded = decode(inner, said, values.get(name));
      if ('message' in decoded) return { at: decoded.at, message: `\`${name}\`: ${decoded.message}` };
      values.set(name, decoded.value);
    }
  }
  return { value: values };
}
