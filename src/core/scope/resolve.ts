/** Puts scopes where the API server will look for them, and notes what may not mean what it says. */

import { notesOn } from './notes.ts';
import type { ParsedScope } from './parse.ts';
import { placeScope } from './place.ts';
import type { Resources } from './resources.ts';
import type { Problem, Scope } from './scope.ts';

export interface Resolved {
  /** No place is `own` any more. A scope can become several. */
  readonly scopes: readonly Scope[];
  /** On what was parsed; never a reason to refuse. */
  readonly notes: readonly Problem[];
}

/** Bounds, because a note costs a search for the nearest word: what one person writes is far below. */
const MAX_NOTES = 20;
const MAX_NOTED_SCOPES = 200;

/** `namespace` is the workload's own. */
export function resolveScopes(
  scopes: readonly (ParsedScope | Scope)[],
  namespace: string,
  resources: Resources,
): Resolved {
  const notes: Problem[] = [];
  const placed: Scope[] = [];
  for (const [index, item] of scopes.entries()) {
    if ('scope' in item && index < MAX_NOTED_SCOPES) addNotes(notes, item, resources);
    const scope = 'scope' in item ? item.scope : item;
    for (const one of placeScope(scope, namespace, resources)) placed.push(one);
  }
  return { scopes: placed, notes };
}

function addNotes(notes: Problem[], { scope, line, column }: ParsedScope, resources: Resources): void {
  if (notes.length > MAX_NOTES) return;
  for (const message of notesOn(scope, resources)) {
    const full = notes.length === MAX_NOTES;
    notes.push({ line, column, message: full ? 'further notes are left out' : message });
    if (full) return;
  }
}
