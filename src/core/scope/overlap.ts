import type { KubernetesScope, Place, Scope } from './scope.ts';

/**
 * Does a scope touch a pattern? For `forbid` lines and the risk table, where a single shared permission is enough.
 * In a pattern `*` is the literal wildcard, `any` is any value, a missing place is anywhere, and names are not looked
 * at: a held rule on one name still touches a pattern on the resource.
 */
export function overlaps(pattern: Scope, scope: Scope): boolean {
  if (pattern.kind === 'vault' || scope.kind === 'vault') return vaultOverlaps(pattern, scope);
  if (!tokensOverlap(pattern.verbs, scope.verbs)) return false;
  if (pattern.kind === 'url' || scope.kind === 'url') return urlOverlaps(pattern, scope);
  return (
    groupOverlaps(pattern.group, scope.group) &&
    resourceOverlaps(pattern.resource, scope.resource) &&
    placeOverlaps(pattern.place, scope.place)
  );
}

function tokensOverlap(patterns: readonly string[], held: readonly string[]): boolean {
  if (patterns.includes('any')) return held.length > 0;
  return held.some((token) => (token === '*' ? patterns.length > 0 : patterns.includes(token)));
}

function groupOverlaps(pattern: string, held: string): boolean {
  return pattern === 'any' || held === '*' || pattern === held;
}

/** `*` in the scope holds everything, `*` + `/sub` that subresource of everything; `any` on either side of the slash. */
function resourceOverlaps(pattern: string, held: string): boolean {
  if (held === '*' || pattern === 'any' || pattern === held) return true;
  const [patternBase, patternSub] = split(pattern);
  const [heldBase, heldSub] = split(held);
  if (heldSub === undefined) return false;
  return (
    (patternSub === 'any' || patternSub === heldSub) &&
    (patternBase === 'any' || heldBase === '*' || patternBase === heldBase)
  );
}

function split(resource: string): readonly [base: string, sub: string | undefined] {
  const slash = resource.indexOf('/');
  return slash < 0 ? [resource, undefined] : [resource.slice(0, slash), resource.slice(slash + 1)];
}

function placeOverlaps(pattern: Place, held: Place): boolean {
  if (pattern === 'own' || held === 'everywhere') return true;
  return typeof pattern === 'object' && typeof held === 'object' && pattern.namespace === held.namespace;
}

function urlOverlaps(pattern: KubernetesScope, scope: KubernetesScope): boolean {
  if (pattern.kind !== 'url' || scope.kind !== 'url') return false;
  return pattern.url === 'any' || globsMeet(pattern.url, scope.url);
}

function vaultOverlaps(pattern: Scope, scope: Scope): boolean {
  if (pattern.kind !== 'vault' || scope.kind !== 'vault') return false;
  const { capabilities } = pattern;
  const capable =
    capabilities.includes('any') || scope.capabilities.some((word) => capabilities.includes(word));
  return capable && vaultPathsMeet(pattern.path.split('/'), scope.path.split('/'));
}

/** Is there a path that both Vault patterns match? `+` is one segment, a `*` at the very end any rest. */
function vaultPathsMeet(left: readonly string[], right: readonly string[]): boolean {
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const [a, b] = [left[i], right[i]];
    if (a === undefined || b === undefined) return false;
    const globs = (i === left.length - 1 && a.endsWith('*')) || (i === right.length - 1 && b.endsWith('*'));
    if (globs) return a === '+' || b === '+' || globsMeet(a, b);
    if (a !== b && a !== '+' && b !== '+') return false;
  }
  return true;
}

/** Two strings, each possibly ending in `*`: is there a string that both match? */
function globsMeet(left: string, right: string): boolean {
  return left === right || reaches(left, right) || reaches(right, left);
}

function reaches(glob: string, other: string): boolean {
  return glob.endsWith('*') && stemOf(other).startsWith(stemOf(glob));
}

function stemOf(glob: string): string {
  return glob.replace(/\*$/u, '');
}
