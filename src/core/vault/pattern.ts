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

export function parsePattern(text: string): Pattern {
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
  const [long, short] = one.segments.length < other.segments.length ? [other, one] : [one, other];
  if (long.segments.length > short.segments.length && !short.rest) return undefined;
  const segments: Segment[] = [];
  for (const [i, segment] of long.segments.entries()) {
    const against = short.segments[i];
    const both = against === undefined ? segment : meetSegments(segment, against);
    if (both === undefined) return undefined;
    segments.push(both);
  }
  return { segments, rest: long.rest && short.rest };
}

function meetSegments(one: Segment, other: Segment): Segment | undefined {
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
