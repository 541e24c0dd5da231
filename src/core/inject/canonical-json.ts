import { isObject, type Json } from '../json.ts';

/** Deeper than anything that is compared with it; keeps hostile depth off the stack. */
const MAX_DEPTH = 40;

/** One text for equal values, whatever the order of their keys, and different texts for different values. */
export function canonicalJson(value: Json | undefined): string {
  return JSON.stringify(ordered(value, 0) ?? null);
}

function ordered(value: Json | undefined, depth: number): Json | undefined {
  if (depth > MAX_DEPTH) return '\0too deep';
  if (Array.isArray(value)) return value.map((item: Json) => ordered(item, depth + 1) ?? null);
  if (!isObject(value)) return value;
  // The default order of strings is that of UTF-16 units, as everywhere here.
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, ordered(value[key], depth + 1)]));
}
