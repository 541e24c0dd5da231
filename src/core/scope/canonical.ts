import type { Scope } from './scope.ts';

/** One form for equal scopes: verbs in the order people write them, names sorted, nothing twice. */
export function canonical<S extends Scope>(scope: S): S {
  switch (scope.kind) {
    case 'resource':
      return { ...scope, verbs: ordered(scope.verbs, VERBS), names: ordered(scope.names, []) };
    case 'url':
      return { ...scope, verbs: ordered(scope.verbs, VERBS) };
    case 'vault':
      return { ...scope, capabilities: ordered(scope.capabilities, CAPABILITIES) };
  }
}

const VERBS = ['*', 'get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const CAPABILITIES = ['create', 'read', 'update', 'patch', 'delete', 'list'];

function ordered(words: readonly string[], known: readonly string[]): readonly string[] {
  if (words.length < 2) return words;
  const rank = (word: string) => (known.includes(word) ? known.indexOf(word) : known.length);
  return [...new Set(words)].toSorted((a, b) => rank(a) - rank(b) || compareText(a, b));
}

/** By UTF-16 units: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
