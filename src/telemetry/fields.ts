import { REDACTED, type Scrubber } from './scrub.ts';

/** What may stand in a line of the log: small values under names. Redaction by path happens here, by value in scrub.ts. */
export type LogValue = string | number | boolean | undefined | readonly (string | number)[];

export interface LogFields {
  /** Everything that somebody else has written. */
  readonly request?: Readonly<Record<string, LogValue>>;
  readonly [key: string]: LogValue | Readonly<Record<string, LogValue>>;
}

/** A value cut to a length that no line suffers from. */
export type Safe = (value: LogValue) => LogValue;

/** Whatever stands under one of these names is not written, whole objects of a review among them. */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'token',
  'tokens',
  'jwt',
  'password',
  'secret',
  'secrets',
  'key',
  'keys',
  'credential',
  'credentials',
  'authorization',
  'cookie',
  'data',
  'object',
  'oldobject',
  'patch',
]);

const LONGEST_VALUE = 512;
const MOST_VALUES = 32;

export function tidied(fields: LogFields | undefined, safe: Safe): object {
  if (fields === undefined) return {};
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, tidy(key, value, safe)]));
}

function tidy(key: string, value: LogFields[string], safe: Safe): unknown {
  if (SECRET_KEYS.has(key.toLowerCase())) return REDACTED;
  if (typeof value !== 'object' || isList(value)) return safe(value);
  return Object.fromEntries(Object.entries(value).map(([inner, item]) => [inner, tidy(inner, item, safe)]));
}

/** Scrubbed before it is cut, or a cut secret would no longer be known. */
export function clipped(value: LogValue, scrubber: Scrubber): LogValue {
  if (typeof value === 'string') return clippedText(value, scrubber);
  if (!isList(value)) return value;
  return value
    .slice(0, MOST_VALUES)
    .map((item) => (typeof item === 'string' ? clippedText(item, scrubber) : item));
}

function clippedText(text: string, scrubber: Scrubber): string {
  return text.length <= LONGEST_VALUE ? text : `${scrubber.scrub(text).slice(0, LONGEST_VALUE - 1)}…`;
}

function isList(value: LogFields[string]): value is readonly (string | number)[] {
  return Array.isArray(value);
}
