/** The ways in which Vault's decoder looks at a part of the tree. */

import type { Item, Literal, Node } from './hcl-tree.ts';

/** Items in a row stand for the blocks that have one key in common. */
export type Place =
  | Node
  | Item
  | { readonly kind: 'items'; readonly items: readonly Item[]; readonly at: number };

export function isLiteral(place: Place): place is Literal {
  return place.kind !== 'list' && place.kind !== 'block' && place.kind !== 'item' && place.kind !== 'items';
}

/** As a list. */
export function elementsOf(place: Place): readonly (Node | Item)[] | undefined {
  if (place.kind === 'items') return place.items;
  if (place.kind === 'list') return place.nodes;
  return place.kind === 'block' ? [place] : undefined;
}

/** As a map. */
export function itemsOf(place: Place): readonly Item[] | undefined {
  if (place.kind === 'item') return [place];
  return place.kind === 'block' || place.kind === 'items' ? place.items : undefined;
}

/** As a struct: what stands under the key of an item. */
export function contentOf(place: Place): readonly Item[] | undefined {
  if (place.kind !== 'item') return itemsOf(place);
  return isLiteral(place.value) ? [place] : itemsOf(place.value);
}

/** By the first key, without it. Upper and lower case are one. */
export function rowsOf(items: readonly Item[]): ReadonlyMap<string, readonly Item[]> {
  const rows = new Map<string, Item[]>();
  for (const item of items) {
    const key = folded(item.keys[0]?.name ?? '');
    const row = rows.get(key) ?? [];
    row.push({ ...item, keys: item.keys.slice(1) });
    rows.set(key, row);
  }
  return rows;
}

export function folded(name: string): string {
  return name.toUpperCase().toLowerCase();
}

/** What a row says, one after the other: first the blocks with more keys, together, then each value. */
export function saidBy(row: readonly Item[]): readonly Place[] {
  const nested = row.filter(({ keys }) => keys.length > 0);
  const values = row.flatMap(({ keys, value }) => (keys.length > 0 ? [] : [asRow(value)]));
  const [first] = nested;
  return first === undefined ? values : [{ kind: 'items', items: nested, at: first.at }, ...values];
}

function asRow(node: Node): Place {
  return node.kind === 'block' ? { kind: 'items', items: node.items, at: node.at } : node;
}
