import type { VaultScope } from '../scope/scope.ts';
import { matches, type Pattern, sampleOf } from './pattern.ts';
import { canBeAsked, capabilitiesByKind, patternsOfScope, type RequestKind } from './requests.ts';
import { freshWord, vocabularyOf } from './vocabulary.ts';

/** What of `scope` no single one of `owners` covers by its pattern and capabilities (ceilings, grants, `allow`). */
export function uncoveredVault(owners: readonly VaultScope[], scope: VaultScope): readonly VaultScope[] {
  const missing = new Set(
    capabilitiesByKind(scope.capabilities).flatMap(([kind, words]) =>
      words.filter((word) => !owners.some((owner) => owns(owner, word, kind, scope))),
    ),
  );
  const capabilities = scope.capabilities.filter((word) => missing.has(word));
  return capabilities.length === 0 ? [] : [{ ...scope, capabilities }];
}

function owns(owner: VaultScope, word: string, kind: RequestKind, scope: VaultScope): boolean {
  return (
    owner.capabilities.includes(word) &&
    contains(kind, patternsOfScope(kind, owner), patternsOfScope(kind, scope))
  );
}

/** Whether every path of the inner patterns is one of the outer. */
function contains(kind: RequestKind, outer: readonly Pattern[], inner: readonly Pattern[]): boolean {
  const fresh = freshWord(vocabularyOf(outer), vocabularyOf(inner));
  const deepest = Math.max(...outer.map(({ segments }) => segments.length));
  return inner.every((pattern) => {
    const least = pattern.segments.length;
    // Beyond the deepest only patterns with a rest match, and they match whatever is longer.
    const last = pattern.rest ? Math.max(least, deepest + 1) : least;
    for (let depth = least; depth <= last; depth += 1) {
      const path = sampleOf(pattern, depth, fresh);
      if (canBeAsked(kind, path) && !outer.some((one) => matches(one, path))) return false;
    }
    return true;
  });
}
