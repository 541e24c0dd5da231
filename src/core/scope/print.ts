/** Prints scopes canonically: `parseScopes(printScope(s))` gives `s` back, and the text is one line of printable ASCII. */

import type { Place, Scope } from './scope.ts';
import {
  CAPABILITY,
  GROUP,
  NAME,
  NAMESPACE,
  quote,
  RESOURCE,
  type Shape,
  SUBRESOURCE,
  spell,
  URL_PATH,
  VAULT_PATH,
  VERB,
} from './tokens.ts';

/** The scope has at least one verb or capability; without one it would permit nothing. */
export function printScope(scope: Scope): string {
  switch (scope.kind) {
    case 'resource': {
      const names = scope.names.length === 0 ? '' : ` named ${spellAll(scope.names, NAME)}`;
      const what = printResource(scope.group, scope.resource);
      return `${spellAll(scope.verbs, VERB)} ${what}${names}${printPlace(scope.place)}`;
    }
    case 'url':
      return `${spellAll(scope.verbs, VERB)} ${printUrl(scope.url)}`;
    case 'vault':
      return `vault ${spellAll(scope.capabilities, CAPABILITY)} ${spell(scope.path, VAULT_PATH)}`;
  }
}

/** `resource[.group][/subresource]`. A bare `*` alone would mean every group, so the core group's `*` says `.core`. */
export function printResource(group: string, resource: string): string {
  const slash = resource.indexOf('/');
  const base = slash < 0 ? resource : resource.slice(0, slash);
  const sub = slash < 0 ? '' : `/${spell(resource.slice(slash + 1), SUBRESOURCE)}`;
  return `${spell(base, RESOURCE)}${printGroup(group, base)}${sub}`;
}

function printGroup(group: string, base: string): string {
  if (group === '') return base === '*' ? '.core' : '';
  if (group === '*' && base === '*') return '';
  return group === 'core' ? `.${quote(group)}` : `.${spell(group, GROUP)}`;
}

function printUrl(url: string): string {
  return URL_PATH.bare.test(url) ? url : `url ${quote(url)}`;
}

function printPlace(place: Place): string {
  if (place === 'own') return '';
  return place === 'everywhere' ? ' everywhere' : ` in ${spell(place.namespace, NAMESPACE)}`;
}

function spellAll(texts: readonly string[], shape: Shape): string {
  return texts.map((text) => spell(text, shape)).join(',');
}
