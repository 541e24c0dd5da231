/**
 * Of two patterns that match the same path, which wins: the cases of vault/acl_test.go and the ones it does not look at.
 * The unit test holds us to them, the differentials the servers.
 */
import type { Dialect } from '../../src/core/vault/acl.ts';
import type { PolicyText } from '../../src/core/vault/policy.ts';

type Row = readonly [why: string, winner: string, loser: string, path: string];

const BOTH: readonly Row[] = [
  ['exact, over a wildcard', 'foo/bar', 'foo/+', 'foo/bar'],
  ['exact, over a glob that begins with it', 'foo/bar', 'foo/bar*', 'foo/bar'],
  ['the first wildcard later', 'foo/+/*', '+/*', 'foo/bar/bar/baz'],
  ['the first wildcard later, also in a glob', 'foo/a*', 'foo/+', 'foo/ab'],
  ['the first wildcard later, fewer or not', 'foo/bar/+/+', 'foo/+/bar/baz', 'foo/bar/bar/baz'],
  ['the first wildcard later, not what is greater', 'foo/(ar/+/baz', 'foo/+/(ar/baz', 'foo/(ar/(ar/baz'],
  ['the longer of two globs', 'foo/bar/*', 'foo/*', 'foo/bar/baz'],
  ['the longer of two globs in a segment', 'foo/ba*', 'foo/b*', 'foo/bar'],
  ['no glob', 'foo/+', 'foo/*', 'foo/bar'],
  ['no glob, with the same text', 'foo/bar/+/baz', 'foo/bar/+/baz*', 'foo/bar/bar/baz'],
  ['no glob, with more wildcards', '1/2/+/+', '1/2/*', '1/2/3/4'],
  ['fewer wildcards, of globs', '*', '+/*', 'foo/bar/bar/baz'],
  ['fewer wildcards, of globs that begin alike', 'foo/*', 'foo/+/*', 'foo/bar/baz'],
  ['fewer wildcards', 'foo/+/bar/baz', 'foo/+/+/baz', 'foo/bar/bar/baz'],
  ['fewer wildcards, and no glob', 'foo/+/bar/baz', 'foo/+/+/*', 'foo/bar/bar/baz'],
  ['the longer text', 'foo/bar/+/ba*', 'foo/bar/+/b*', 'foo/bar/bar/baz'],
  ['the longer text, of wildcards apart', '+/+/bar', '+/b/+', 'x/b/bar'],
  ['the greater text', '+/a/+', '+/+/a', 'x/a/a'],
  ['the greater text, of as many bytes', '+/ü/+', '+/+/b1', 'x/ü/b1'],
  ['a wildcard for an empty segment', 'foo/+/bar', 'foo/*', 'foo//bar'],
  ['a wildcard for an empty segment at the end', 'foo/+', '+/*', 'foo/'],
  ['a glob behind a plus that is none', 'x+/*', 'x+/+', 'x+/y'],
  ['no glob behind a plus that begins a word', 'foo/+b/+', 'foo/+b/*', 'foo/+b/y'],
  ['a list of what is exact without its slash', 'foo/bar', 'foo/*', 'foo/bar/'],
  ['a list of what is exact, over a pattern with the slash', 'foo/bar', 'foo/+/', 'foo/bar/'],
  ['a list of what is exact with its slash', 'foo/bar/', 'foo/bar', 'foo/bar/'],
];

const BY_DIALECT: Readonly<Record<Dialect, readonly Row[]>> = {
  openbao: [
    ['a list by a longer glob', 'foo/bar/*', 'foo/*', 'foo/bar/'],
    ['a list by a wildcard with a slash', 'foo/+/', 'foo/*', 'foo/bar/'],
    ['a list by a glob behind a wildcard', 'foo/+/*', 'foo/+', 'foo/bar/'],
    ['a list by what is not exact for a plus', 'foo/+/', 'foo/+b', 'foo/+b/'],
  ],
  vault: [
    ['a list by a shorter glob', 'foo/*', 'foo/bar/*', 'foo/bar/'],
    ['a list by a glob', 'foo/*', 'foo/+/', 'foo/bar/'],
    ['a list by a wildcard without a slash', 'foo/+', 'foo/+/*', 'foo/bar/'],
    ['a list by what is not exact for a plus', 'foo/+b', 'foo/+/', 'foo/+b/'],
  ],
};

export function winnersOf(dialect: Dialect): readonly Row[] {
  return [...BOTH, ...BY_DIALECT[dialect]];
}

/** The winner can be read, the loser updated. */
export function contest(winner: string, loser: string): PolicyText {
  return {
    name: 'contest',
    rules: [
      { path: loser, capabilities: ['update'], constraints: [] },
      { path: winner, capabilities: ['read'], constraints: [] },
    ],
  };
}
