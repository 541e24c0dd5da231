import { isObject, type Json } from '../json.ts';

/** Deeper than anything that is compared with it; keeps hostile depth off the stack. */
const MAX_DEPTH = 40;

/**
 * One text for equal values, whatever the order of their keys, and different texts for different values. Strings are
 * written with their length in front and as they are: no escaping, which in JSON costs more than all the rest.
 */
export function canonicalText(value: Json | undefined): string {
  return written(value, 0);
}

function written(value: Json | undefined, depth: number): string {
  if (depth > MAX_DEPTH) return '!';
  if (typeof value === 'string') return `${value.length}:${value}`;
  if (Array.isArray(value)) return `[${value.map((item: Json) => written(item, depth + 1)).join('')}]`;
  return isObject(value) ? writtenObject(value, depth) : `<${JSON.stringify(value ?? null)}>`;
}

/** A field without a value is no field. */
function writtenObject(value: Readonly<Record<string, Json | undefined>>, depth: number): string {
  let text = '{';
  // The default order of strings is that of UTF-16 units, as everywhere here.
  for (const key of Object.keys(value).toSorted()) {
    const item = value[key];
    if (item !== undefined) text += `${key.length}:${key}${written(item, depth + 1)}`;
  }
  return `${text}}`;
}
