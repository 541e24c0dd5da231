import { isObject, type JsonObject } from '../core/json.ts';

/**
 * Reading unknown JSON field by field. What is absent (or null) is `undefined` or empty; what has the wrong type is
 * reported with its path, and counts as absent. So a reader is total, and one pass finds every mistake.
 */

export type Path = readonly (string | number)[];

/** A mistake in a field; `line` and `column` are places within a value of several lines. */
export interface SpotProblem {
  readonly path: Path;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

export type Report = (problem: SpotProblem) => void;

/** An object within a document, which knows its way there. */
export interface Spot {
  readonly object: JsonObject;
  readonly key: string | number;
  /** `undefined` for the whole document. */
  readonly above: Spot | undefined;
  readonly report: Report;
}

/** What came from the API server was validated there. */
export function ignore(): void {}

export function spotOf(value: unknown, report: Report): Spot {
  if (!isObject(value)) report({ path: [], message: expected('an object', value) });
  return { object: isObject(value) ? value : {}, key: '', above: undefined, report };
}

function pathOf(spot: Spot, key?: string | number): Path {
  const path: (string | number)[] = key === undefined ? [] : [key];
  for (let at = spot; at.above !== undefined; at = at.above) path.unshift(at.key);
  return path;
}

export function complain(spot: Spot, key: string, message: string): void {
  spot.report({ path: pathOf(spot, key), message });
}

export function objectAt(spot: Spot, key: string): Spot {
  const value = spot.object[key];
  if (isAbsent(value) || isObject(value))
    return { object: value ?? {}, key, above: spot, report: spot.report };
  complain(spot, key, expected('an object', value));
  return { object: {}, key, above: spot, report: ignore };
}

/** Absent is a mistake as well, and then nothing below it is one. */
export function requiredObjectAt(spot: Spot, key: string): Spot {
  if (!isAbsent(spot.object[key])) return objectAt(spot, key);
  complain(spot, key, expected('an object', undefined));
  return { object: {}, key, above: spot, report: ignore };
}

export function objectsAt(spot: Spot, key: string): readonly Spot[] {
  const list = read(spot, key, 'a list', Array.isArray);
  if (list === undefined || list.length === 0) return [];
  const above: Spot = { object: {}, key, above: spot, report: spot.report };
  return list.flatMap((item: unknown, index) => {
    if (isObject(item)) return [{ object: item, key: index, above, report: spot.report }];
    spot.report({ path: pathOf(above, index), message: expected('an object', item) });
    return [];
  });
}

export function textAt(spot: Spot, key: string): string | undefined {
  return read(spot, key, 'a string', isText);
}

export function textsAt(spot: Spot, key: string): readonly string[] {
  const list = read(spot, key, 'a list of strings', Array.isArray);
  if (list === undefined || list.every(isText)) return list ?? [];
  return list.filter((item: unknown, index): item is string => {
    if (isText(item)) return true;
    spot.report({ path: [...pathOf(spot, key), index], message: expected('a string', item) });
    return false;
  });
}

export function flagAt(spot: Spot, key: string): boolean | undefined {
  return read(spot, key, 'true or false', isFlag);
}

export function countAt(spot: Spot, key: string): number | undefined {
  return read(spot, key, 'a whole number', isCount);
}

/** Safe for hostile keys such as `__proto__`. */
export function textMapAt(spot: Spot, key: string): Readonly<Record<string, string>> {
  const map = Object.create(null) as Record<string, string>;
  const { object } = objectAt(spot, key);
  for (const [name, item] of Object.entries(object)) {
    if (isText(item)) map[name] = item;
    else spot.report({ path: [...pathOf(spot, key), name], message: expected('a string', item) });
  }
  return map;
}

function read<T>(spot: Spot, key: string, what: string, is: (value: unknown) => value is T): T | undefined {
  const value = spot.object[key];
  if (isAbsent(value)) return undefined;
  if (is(value)) return value;
  complain(spot, key, expected(what, value));
  return undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

export function expected(what: string, found: unknown): string {
  return `expected ${what}, found ${typeName(found)}`;
}

function typeName(value: unknown): string {
  if (isAbsent(value)) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
