import { meet } from '../vault/pattern.ts';
import { capabilitiesByKind, patternsOfScope } from '../vault/requests.ts';
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
  const shared = capabilities.includes('any')
    ? scope.capabilities
    : scope.capabilities.filter((word) => capabilities.includes(word));
  return capabilitiesByKind(shared).some(
    ([kind, words]) =>
      words.length > 0 &&
      patternsOfScope(kind, pattern).some((one) =>
        patternsOfScope(kind, scope).some((other) => meet(one, other) !== undefined),
      ),
  );
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
