/**
 * Which of two patterns wins where both match. Source: CheckAllowedFromNonExactPaths of vault/acl.go; the position of the
 * first wildcard is that of the first `+` of any kind, and lengths are in bytes, as Go has them. Texts that match the same
 * path first differ where one has a `+` or ends, so that the order of bytes is that of UTF-16 units.
 */
import { compareText } from '../scope/canonical.ts';

/** A pattern without wildcards, which beats every one that has some. `a/+b` is taken for one that has. */
export function isExact(pattern: string): boolean {
  return !pattern.endsWith('*') && !hasSegmentWildcards(pattern);
}

/** Sorted by it, those that win stand first. */
export function byPrecedence(patterns: readonly string[]): readonly string[] {
  return patterns
    .map(standingOf)
    .toSorted(compareStanding)
    .map(({ pattern }) => pattern);
}

interface Standing {
  readonly pattern: string;
  readonly exact: boolean;
  /** Index of the first wildcard: UTF-16 units do, since both beginnings are beginnings of the same path. */
  readonly firstWildcard: number;
  readonly prefix: boolean;
  readonly wildcards: number;
  readonly bytes: number;
  /** Without its `*`. */
  readonly text: string;
}

function standingOf(pattern: string): Standing {
  const prefix = pattern.endsWith('*');
  const text = prefix ? pattern.slice(0, -1) : pattern;
  const segmented = hasSegmentWildcards(pattern);
  return {
    pattern,
    exact: isExact(pattern),
    firstWildcard: segmented ? pattern.indexOf('+') : text.length,
    prefix,
    wildcards: segmented ? text.split('/').filter((segment) => segment === '+').length : 0,
    bytes: utf8Length(text),
    text,
  };
}

function compareStanding(a: Standing, b: Standing): number {
  return (
    Number(b.exact) - Number(a.exact) ||
    b.firstWildcard - a.firstWildcard ||
    Number(a.prefix) - Number(b.prefix) ||
    a.wildcards - b.wildcards ||
    b.bytes - a.bytes ||
    compareText(b.text, a.text) ||
    compareText(b.pattern, a.pattern)
  );
}

function hasSegmentWildcards(pattern: string): boolean {
  return pattern === '+' || pattern.startsWith('+/') || pattern.includes('/+');
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += 1 + Number(point > 0x7f) + Number(point > 0x7_ff) + Number(point > 0xff_ff);
  }
  return bytes;
}
