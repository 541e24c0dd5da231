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
  if (typeof value === 'string') return `${value.length}:${value}`;
  if (typeof value !== 'object' || value === null) return `<${JSON.stringify(value ?? null)}>`;
  if (depth > MAX_DEPTH) return '!';
  return isObject(value) ? writtenObject(value, depth) : writtenList(value, depth);
}

function writtenList(list: readonly Json[], depth: number): string {
  let text = '[';
  for (const item of list) text += written(item, depth + 1);
  return `${text}]`;
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
