/** Reads fields of unknown data, and reports what is wrong with each by its place. */
import { isObject, type JsonObject, listOf, objectOf } from '../core/json.ts';
import { shown } from '../core/text.ts';

/** Collects what is wrong: `vault.role: expected text`. */
export type Report = (place: string, problem: string) => void;

export function shape(value: unknown, place: string, report: Report): JsonObject {
  if (!isObject(value)) report(place, 'expected an object');
  return objectOf(value);
}

export function list(value: unknown, place: string, report: Report): readonly unknown[] {
  if (!Array.isArray(value)) report(place, 'expected a list');
  return listOf(value);
}

export function required(object: JsonObject, key: string, place: string, report: Report): string {
  const value = object[key];
  if (typeof value === 'string' && value !== '') return value;
  report(below(place, key), 'expected text');
  return '';
}

export function optional<Key extends string>(
  object: JsonObject,
  key: Key,
  place: string,
  report: Report,
): { readonly [key in Key]?: string } {
  if (object[key] === undefined) return {};
  return { [key]: required(object, key, place, report) } as { readonly [key in Key]: string };
}

export function flag(object: JsonObject, key: string, place: string, report: Report): boolean {
  const value = object[key];
  if (typeof value !== 'boolean') report(below(place, key), 'expected true or false');
  return value === true;
}

/** A key that this release does not know may be one that narrows what it does know. */
export function keysOf(object: JsonObject, known: readonly string[], place: string, report: Report): void {
  for (const key of Object.keys(object)) {
    if (!known.includes(key)) report(below(place, shown(key, 60)), 'unknown key');
  }
}

function below(place: string, key: string): string {
  return place === '' ? key : `${place}.${key}`;
}
