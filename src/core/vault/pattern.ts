/**
 * A path pattern of a policy, taken apart: `+` is any one segment, also an empty one; a `*` at the end any rest, also in
 * the middle of a segment. Everywhere else both are ordinary characters. Semantics: vault/acl.go of Vault and OpenBao.
 */
export interface Pattern {
  readonly segments: readonly Segment[];
  /** More segments may follow; the last one is open then. */
  readonly rest: boolean;
}

export interface Segment {
  readonly text: string;
  /** The text is only its beginning. `+` is open, and its text empty. */
  readonly open: boolean;
}

const ANY: Segment = { text: '', open: true };

/** The same few are asked for again and again, and by many logins: each is taken apart once, and held once. */
const known = new Map<string, Pattern>();
const MAX_KNOWN = 10_000;
const MAX_KNOWN_LENGTH = 500;

export function parsePattern(text: string): Pattern {
  const before = known.get(text);
  if (before !== undefined) return before;
  const pattern = takeApart(text);
  if (text.length > MAX_KNOWN_LENGTH) return pattern;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(text, pattern);
  return pattern;
}

function takeApart(text: string): Pattern {
  const rest = text.endsWith('*');
  const parts = (rest ? text.slice(0, -1) : text).split('/');
  const segments = parts.map((part, i) => {
    if (rest && i === parts.length - 1) return { text: part, open: true };
    return part === '+' ? ANY : { text: part, open: false };
  });
  return { segments, rest };
}

export function matches({ segments, rest }: Pattern, path: readonly string[]): boolean {
  if (rest ? path.length < segments.length : path.length !== segments.length) return false;
  return segments.every(({ text, open }, i) =>
    open ? path[i]?.startsWith(text) === true : path[i] === text,
  );
}

/** The paths that both match: again a pattern. */
export function meet(one: Pattern, other: Pattern): Pattern | undefined {
  const long = one.segments.length < other.segments.length ? other : one;
  const short = long === one ? other : one;
  if (long.segments.length > short.segments.length && !short.rest) return undefined;
  let segments: Segment[] | undefined;
  for (let at = 0; at < long.segments.length; at += 1) {
    const both = meetSegments(long.segments[at], short.segments[at]);
    // Most do not meet, and show it at once.
    if (both === undefined) return undefined;
    segments ??= [];
    segments.push(both);
  }
  return { segments: segments ?? [], rest: long.rest && short.rest };
}

/** Behind the end of a pattern with a rest everything does. */
function meetSegments(one: Segment | undefined, other: Segment | undefined): Segment | undefined {
  if (one === undefined || other === undefined) return one;
  if (one.open && one.text === '') return other;
  if (one.open && other.text.startsWith(one.text)) return other;
  if (other.open && one.text.startsWith(other.text)) return one;
  return one.text === other.text && one.open === other.open ? one : undefined;
}

/**
 * A path of that many segments that stands for all such paths under the pattern: another pattern matches it only when it
 * matches them all, provided that `fresh` is a fresh word for both.
 */
export function sampleOf({ segments }: Pattern, depth: number, fresh: string): readonly string[] {
  const path = segments.map(({ text, open }) => (open ? text + fresh : text));
  while (path.length < depth) path.push(fresh);
  return path;
}
