/** Permissions that a text names, as scopes. */
import { parseScopes } from '../scope/parse.ts';
import { printScope } from '../scope/print.ts';
import type { Scope } from '../scope/scope.ts';

const MAX_SCOPES = 50;

/** As the parser of the scope language reads them: what it refuses, such as an unknown capability, is none. */
export function readScopes(scopes: readonly Scope[]): readonly Scope[] {
  return scopes.slice(0, MAX_SCOPES).flatMap((scope) => scopesIn(printScope(scope)));
}

export function scopesIn(text: string): readonly Scope[] {
  return parseScopes(text).scopes.map(({ scope }) => scope);
}
