/**
 * What may not mean what it says: a resource, a subresource or a verb that nothing asks for, names that never match.
 * RBAC allows all of it, so each is a note and never a reason to refuse.
 */

import { nearest } from './nearest.ts';
import { baseOf, placeScope } from './place.ts';
import { printResource, printScope } from './print.ts';
import type { Resources } from './resources.ts';
import type { ResourceScope, Scope, UrlScope } from './scope.ts';
import { show } from './tokens.ts';
import { REQUEST_VERBS } from './verbs.ts';

/** Verbs that are looked at: a search for the nearest word must not be multiplied by hostile lists. */
const MAX_VERBS = 20;

/** Lazy: a caller who has enough stops the search. */
export function* notesOn(scope: Scope, resources: Resources): Generator<string, void, undefined> {
  switch (scope.kind) {
    case 'vault':
      return;
    case 'url':
      yield* notesOnUrl(scope);
      return;
    case 'resource':
      yield* notesOnResource(scope, resources);
      yield* notesOnNames(scope);
      yield* notesOnPlace(scope, resources);
  }
}

/** What people write when they mean verbs of the API server. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['read', 'get,list,watch'],
  ['view', 'get,list,watch'],
  ['describe', 'get'],
  ['show', 'get'],
  ['find', 'list'],
  ['write', 'create,update,patch,delete'],
  ['edit', 'update,patch'],
  ['modify', 'update,patch'],
  ['add', 'create'],
  ['post', 'create'],
  ['put', 'update'],
  ['apply', 'create,get,patch'],
  ['remove', 'delete'],
  ['all', '*'],
]);

/** Verbs of the API server's own checks, beside those of requests. */
const CHECKED_VERBS = ['bind', 'escalate', 'impersonate', 'approve', 'sign', 'attest', 'use', 'proxy'];
const KNOWN_VERBS = [...REQUEST_VERBS, ...CHECKED_VERBS];

function verbMeant(verb: string): string | undefined {
  if (verb === '*' || KNOWN_VERBS.includes(verb)) return undefined;
  return MEANT.get(verb.toLowerCase()) ?? nearest(verb, KNOWN_VERBS);
}

/** Non-resource requests carry the HTTP method, in lower case. */
const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'];
const METHOD_MEANT: ReadonlyMap<string, string> = new Map([
  ['read', 'get'],
  ['list', 'get'],
  ['watch', 'get'],
  ['create', 'post'],
  ['update', 'put'],
]);

function* notesOnUrl(scope: UrlScope): Generator<string> {
  for (const verb of scope.verbs.slice(0, MAX_VERBS)) {
    if (verb === '*' || METHODS.includes(verb)) continue;
    const hint = didYouMean(METHOD_MEANT.get(verb.toLowerCase()) ?? nearest(verb, METHODS));
    yield `${show(verb)} is no verb of a URL, which is asked for by HTTP method in lower case${hint}`;
  }
}

function* notesOnResource(scope: ResourceScope, resources: Resources): Generator<string> {
  const { group, resource } = scope;
  const base = baseOf(resource);
  const [first] = scope.verbs;
  const known = base === '*' || resources.namespaced(group, base) !== undefined;
  if (
    !known &&
    first !== undefined &&
    REQUEST_VERBS.includes(resource) &&
    scope.verbs.every((verb) => isResource(verb, resources))
  ) {
    yield `the verbs come first${didYouMean(`${resource} ${resources.nearest('', first) ?? first}`)}`;
    return;
  }
  for (const verb of scope.verbs.slice(0, MAX_VERBS)) {
    const meant = verbMeant(verb);
    if (meant !== undefined) yield `${show(verb)} is no verb of the API server${didYouMean(meant)}`;
  }
  if (!known) {
    const hint = didYouMean(resources.nearest(group, base));
    yield `${show(printResource(group, base))} is not a known resource${hint}`;
  }
  if (known && base !== resource) yield* notesOnSubresource(scope, base, resources);
}

function isResource(word: string, resources: Resources): boolean {
  return resources.namespaced('*', word) !== undefined;
}

/** `finalizers` is asked of the owners that an object names (OwnerReferencesPermissionEnforcement). */
function* notesOnSubresource(scope: ResourceScope, base: string, resources: Resources): Generator<string> {
  const sub = scope.resource.slice(base.length + 1);
  const printed = show(printResource(scope.group, scope.resource));
  if (sub === '*') {
    yield `${printed} matches nothing: RBAC knows no \`*\` after \`/\`, so name the subresources`;
    return;
  }
  const subs = resources.subresources(scope.group, base);
  if (subs === undefined || subs.includes(sub) || subs.includes('*') || sub === 'finalizers') return;
  const near = nearest(sub, subs);
  const named = scope.names.length === 0 ? printScope({ ...scope, resource: base, names: [sub] }) : undefined;
  const meant = near === undefined ? named : printResource(scope.group, `${base}/${near}`);
  yield `${printed} is not a known subresource${didYouMean(meant)}`;
}

/** Which requests have a name is decided in apiserver/pkg/endpoints/request/requestinfo.go. */
function* notesOnNames(scope: ResourceScope): Generator<string> {
  if (scope.names.length === 0 || scope.resource.includes('/')) return;
  if (scope.verbs.includes('create')) {
    yield '`create` with `named` matches only a server-side apply: a POST is authorized before the object has a name';
  }
  if (scope.verbs.includes('deletecollection')) {
    yield '`deletecollection` with `named` never matches: its requests have no name';
  }
  const listing = scope.verbs.filter((verb) => verb === 'list' || verb === 'watch');
  if (listing.length > 0) {
    yield `\`${[...new Set(listing)].join(',')}\` with \`named\` matches only requests with the field selector \`metadata.name=NAME\``;
  }
}

function* notesOnPlace(scope: ResourceScope, resources: Resources): Generator<string> {
  const { place } = scope;
  if (typeof place !== 'object') return;
  const places = placeScope(scope, place.namespace, resources).map((one) => one.place);
  const what = show(printResource(scope.group, scope.resource));
  if (places.includes('everywhere')) {
    yield `${what} is cluster-scoped, so \`in\` does not confine it: it counts everywhere`;
  }
  if (places.some((one) => typeof one === 'object' && one.namespace !== place.namespace)) {
    yield `${what} is authorized in the namespace that \`named\` names, not in ${show(place.namespace)}`;
  }
}

function didYouMean(meant: string | undefined): string {
  return meant === undefined ? '' : `; did you mean ${show(meant)}?`;
}
