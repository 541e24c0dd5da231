import { parseDuration } from '../duration.ts';
import { isObject, type JsonObject } from '../json.ts';

/** A field that has not the shape that it should have. */
export interface FieldProblem {
  /** Empty: the whole. */
  readonly field: string;
  readonly message: string;
}

/**
 * The fields of a role, as Vault answers them and as it takes them: a list may be a text with commas, a duration `1h`.
 * What is absent or null is empty; what has another shape is a problem, and empty. Where two names are given, the second
 * is an older one of the same field.
 */
export interface Fields {
  readonly problems: readonly FieldProblem[];
  complain(field: string, message: string): void;
  text(field: string): string;
  texts(field: string, older?: string): readonly string[];
  flag(field: string): boolean;
  count(field: string, older?: string): number;
  /** `undefined`: 0 or absent. */
  seconds(field: string, older?: string): number | undefined;
  /** The first where it is absent or empty. */
  oneOf<T extends string>(field: string, words: readonly [T, ...T[]]): T;
  textMap(field: string): Readonly<Record<string, string>>;
  /** Texts by name, each one or a list. */
  claims(field: string): Readonly<Record<string, readonly string[]>>;
}

/** @param data `undefined`: it is no object. */
export function createFields(data: JsonObject | undefined): Fields {
  const problems: FieldProblem[] = data === undefined ? [{ field: '', message: 'expected an object' }] : [];

  function complain(field: string, message: string): void {
    if (data !== undefined) problems.push({ field, message });
  }

  function at(field: string): unknown {
    return data !== undefined && Object.hasOwn(data, field) ? (data[field] ?? undefined) : undefined;
  }

  function read<T>(field: string, what: string, empty: T, parse: (value: unknown) => T | undefined): T {
    const value = at(field);
    if (value === undefined) return empty;
    const parsed = parse(value);
    if (parsed === undefined) complain(field, `expected ${what}`);
    return parsed ?? empty;
  }

  function given(field: string, older: string | undefined): string {
    return at(field) === undefined && older !== undefined ? older : field;
  }

  const wholeNumber = 'a whole number';
  return {
    problems,
    complain,
    text: (field) => read(field, 'a text', '', asText),
    texts: (field, older) => read(given(field, older), 'a list of texts', [], asTexts),
    flag: (field) => read(field, 'true or false', false, asFlag),
    count: (field, older) => read(given(field, older), wholeNumber, 0, asCount),
    seconds: (field, older) =>
      read(given(field, older), 'seconds or a duration such as 1h', 0, asSeconds) || undefined,
    oneOf<T extends string>(field: string, words: readonly [T, ...T[]]) {
      const [first] = words;
      return read(field, words.join(' or '), first, (value) =>
        value === '' ? first : words.find((word) => word === value),
      );
    },
    textMap: (field) => read(field, 'texts by name', {}, (value) => asMap(value, asText)),
    claims: (field) => read(field, 'values by the name of a claim', {}, (value) => asMap(value, asValues)),
  };
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function asFlag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function asSeconds(value: unknown): number | undefined {
  if (typeof value !== 'string') return asCount(value);
  return /^\d{1,10}$/.test(value) ? Number(value) : parseDuration(value);
}

function asTexts(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return value === '' ? [] : value.split(',').map((item) => item.trim());
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  const texts = items.filter((item) => typeof item === 'string').map((item) => item.trim());
  return texts.length === items.length ? texts : undefined;
}

/** What is bound to anything but text fits no claim that is text. */
function asValues(value: unknown): readonly string[] | undefined {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.some((item) => typeof item === 'object')) return undefined;
  return items.filter((item) => typeof item === 'string');
}

/** Safe for hostile keys such as `__proto__`. */
function asMap<T>(
  value: unknown,
  parse: (item: unknown) => T | undefined,
): Readonly<Record<string, T>> | undefined {
  if (!isObject(value)) return undefined;
  const map = Object.create(null) as Record<string, T>;
  for (const [key, item] of Object.entries(value)) {
    const parsed = parse(item);
    if (parsed === undefined) return undefined;
    map[key] = parsed;
  }
  return map;
}
