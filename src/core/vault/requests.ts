/**
 * The two ways in which a request finds its rule. Listing is apart: its path always ends in a slash, and rules are looked
 * for with and without it. A listed path is written here without that slash.
 */
import type { VaultScope } from '../scope/scope.ts';
import { type Pattern, parsePattern } from './pattern.ts';

export type RequestKind = 'plain' | 'listing';

const LISTING: ReadonlySet<string> = new Set(['list', 'scan']);

/** Of some capabilities, those that each kind of request asks for. `sudo` comes on top of others; `deny` asks for nothing. */
export function capabilitiesByKind<T extends string>(
  capabilities: readonly T[],
): readonly (readonly [kind: RequestKind, capabilities: readonly T[]])[] {
  const alone = capabilities.filter((word) => word !== 'deny' && word !== 'sudo');
  const sudo = capabilities.filter((word) => word === 'sudo');
  const listing = alone.filter((word) => LISTING.has(word));
  const plain = alone.filter((word) => !LISTING.has(word));
  const isPlain = plain.length > 0 || listing.length === 0;
  return [
    ...(isPlain ? ([['plain', [...plain, ...sudo]]] as const) : []),
    ...(listing.length > 0 ? ([['listing', [...listing, ...sudo]]] as const) : []),
  ];
}

/** What a scope is about, of the paths of that kind. Slashes in front are dropped, as those of a request are. */
export function patternsOfScope(kind: RequestKind, { path }: VaultScope): readonly Pattern[] {
  const pattern = parsePattern(path.replace(/^\/+/u, ''));
  return kind === 'plain' ? [pattern] : [pattern, ...slashed(pattern)];
}

/** The paths that the pattern matches once a slash is put behind, where it does not match them as they are. */
export function slashed({ segments }: Pattern): readonly Pattern[] {
  const last = segments.at(-1);
  const before = segments.slice(0, -1);
  const matchesEmpty = last?.text === '';
  return matchesEmpty && before.length > 0 ? [{ segments: before, rest: false }] : [];
}

/**
 * Whether a server can be asked for it at all: leading slashes are dropped. Empty segments inside can come encoded. A
 * list of `a//` is possible and nobody's need.
 */
export function canBeAsked(kind: RequestKind, path: readonly string[]): boolean {
  return path[0] !== '' && (kind === 'plain' || path.at(-1) !== '');
}

export function textOfPath(kind: RequestKind, path: readonly string[]): string {
  return path.join('/') + (kind === 'listing' ? '/' : '');
}
