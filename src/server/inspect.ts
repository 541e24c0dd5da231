/**
 * One pass over the bytes of a body before the parser allocates anything. JSON can grow twentyfold when it is parsed
 * (`{},{},…`), and what is nested deeply enough ends whoever walks it by recursion: both are refused here.
 */
export interface ShapeProblem {
  readonly reason: 'shape' | 'poison';
  readonly message: string;
}

/** A pod is nested 12 deep, a CustomResourceDefinition rarely beyond 60. */
const DEEPEST = 128;

/** Objects, lists and strings. Two objects of 1.5 MiB, the most that etcd takes, with 6 bytes an item have 520,000. */
const MOST_ITEMS = 520_000;

/**
 * Assigning to this key changes an object's prototype instead of giving it a field, so it is refused as a key wherever it
 * stands. `constructor` needs no such care: it is a field like others, and nothing here reads through it.
 */
const POISON = '__proto__';
const LONGEST_ESCAPED = POISON.length * '\\u0000'.length;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `[` and `{`, and `]` and `}`, differ in one bit only. */
const CASE_BIT = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;

export function inspect(bytes: Uint8Array): ShapeProblem | undefined {
  const end = bytes.length;
  let depth = 0;
  let items = 0;
  let poisoned = false;
  for (let at = 0; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      const start = at + 1;
      at = closingQuote(bytes, start);
      items += 1;
      if (!poisoned && at - start >= POISON.length && at - start <= LONGEST_ESCAPED)
        poisoned = isPoison(bytes, start, at);
    } else if ((byte | CASE_BIT) === OPEN) {
      items += 1;
      depth += 1;
      if (depth > DEEPEST)
        return { reason: 'shape', message: `the body is nested deeper than ${DEEPEST} levels` };
    } else if ((byte | CASE_BIT) === CLOSE) {
      depth -= 1;
    }
    if (items > MOST_ITEMS) {
      return {
        reason: 'shape',
        message: `the body holds more than ${MOST_ITEMS} objects, lists and strings`,
      };
    }
  }
  return poisoned ? { reason: 'poison', message: `the body has a field named "${POISON}"` } : undefined;
}

/** Index of the quote that ends the string, or the end of the bytes. */
function closingQuote(bytes: Uint8Array, start: number): number {
  let at = start;
  for (; at < bytes.length && bytes[at] !== QUOTE; at += 1) if (bytes[at] === BACKSLASH) at += 1;
  return at;
}

function isPoison(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start];
  if (first !== UNDERSCORE && first !== BACKSLASH) return false;
  let next = end + 1;
  while (WHITE_SPACE.has(bytes[next] ?? 0)) next += 1;
  if (bytes[next] !== COLON) return false;
  try {
    return JSON.parse(`"${Buffer.from(bytes.subarray(start, end)).toString('utf8')}"`) === POISON;
  } catch {
    return false;
  }
}

const UNDERSCORE = 0x5f;
const COLON = 0x3a;
const WHITE_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);
