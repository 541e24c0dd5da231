import { overlaps } from './overlap.ts';
import { parseScopes } from './parse.ts';
import type { Scope } from './scope.ts';

/**
 * Patterns of the risk tables: scope lines that are matched by `overlaps`, where `any` is any value, `*` the wildcard
 * itself and no place anywhere. Names in a pattern limit it: a scope on other names does not touch it.
 */
export function patternsOf(lines: string): readonly Scope[] {
  return parseScopes(lines).scopes.map(({ scope }) => scope);
}

/** The same verbs on several resources, one line each. */
export function on(verbs: string, resources: readonly string[], place = ''): string {
  return resources.map((resource) => `${verbs} ${resource} ${place}`.trimEnd()).join('\n');
}

export function touches(patterns: readonly Scope[], scope: Scope): boolean {
  return patterns.some((pattern) => overlaps(pattern, scope) && namesMeet(namesOf(pattern), namesOf(scope)));
}

/**
 * Narrows a table to the entries that a scope could touch at all, in their order. Most scopes and most patterns name one
 * resource, so what is left is short.
 */
export function indexed<T extends { readonly patterns: readonly Scope[] }>(
  entries: readonly T[],
): (scope: Scope) => readonly T[] {
  const having = (accept: (pattern: Scope) => boolean) =>
    entries.filter(({ patterns }) => patterns.some(accept));
  const wild = having(isWild);
  const urls = having(({ kind }) => kind === 'url');
  const byResource = new Map(
    entries
      .flatMap(({ patterns }) => patterns)
      .flatMap((pattern) => (pattern.kind === 'resource' ? [pattern.resource] : []))
      .map((resource) => [
        resource,
        having((pattern) => isWild(pattern) || ('resource' in pattern && pattern.resource === resource)),
      ]),
  );
  return (scope) => {
    if (scope.kind !== 'resource') return urls;
    return scope.resource.startsWith('*') ? entries : (byResource.get(scope.resource) ?? wild);
  };
}

function isWild(pattern: Scope): boolean {
  return pattern.kind === 'resource' && pattern.resource.split('/').includes('any');
}

/** Requests without a name carry the empty one, so a rule with it is a rule for every list, watch and create. */
export function isNamed(scope: Scope): boolean {
  const names = namesOf(scope);
  return names.length > 0 && !names.includes('');
}

function namesOf(scope: Scope): readonly string[] {
  return scope.kind === 'resource' ? scope.names : [];
}

function namesMeet(pattern: readonly string[], held: readonly string[]): boolean {
  return pattern.length === 0 || held.length === 0 || held.some((name) => pattern.includes(name));
}
