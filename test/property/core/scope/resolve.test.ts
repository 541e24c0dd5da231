import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { notesOn } from '../../../../src/core/scope/notes.ts';
import { resolveScopes } from '../../../../src/core/scope/resolve.ts';
import { createResources } from '../../../../src/core/scope/resources.ts';
import type { Place, ResourceScope } from '../../../../src/core/scope/scope.ts';

const resources = createResources();
const word = fc.oneof(
  fc.constantFrom('shop', 'web', '', '*', '__proto__'),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  '*',
  'bind',
  'read',
  'GET',
];
const RESOURCES = [
  'pods',
  'nodes',
  'namespaces',
  'namespaces/status',
  'namespaces/x',
  'clusterroles',
  '*',
  '*/scale',
  'users',
];
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.constantFrom('own', 'everywhere'),
  word.map((namespace) => ({ namespace })),
);
const scope: fc.Arbitrary<ResourceScope> = fc.record({
  kind: fc.constant('resource'),
  verbs: fc.array(fc.oneof(fc.constantFrom(...VERBS), word), { minLength: 1, maxLength: 4 }),
  group: fc.oneof(fc.constantFrom('', '*', 'rbac.authorization.k8s.io'), word),
  resource: fc.oneof(fc.constantFrom(...RESOURCES), word),
  names: fc.array(word, { maxLength: 3 }),
  place,
});

function placed(one: ResourceScope): readonly ResourceScope[] {
  return resolveScopes([one], 'shop', resources).scopes.filter((item) => item.kind === 'resource');
}

it('every scope has a place afterwards', () => {
  fc.assert(
    fc.property(scope, (one) => {
      expect(placed(one).map((part) => part.place)).not.toContain('own');
    }),
  );
});

it('placing again changes nothing', () => {
  fc.assert(
    fc.property(scope, (one) => {
      const once = placed(one);

      expect(once.flatMap(placed)).toEqual(once);
    }),
  );
});

/** Every verb with every name. */
function pairs(parts: readonly ResourceScope[]): readonly string[] {
  return parts
    .flatMap(({ verbs, names }) =>
      verbs.flatMap((verb) => (names.length === 0 ? [[verb]] : names.map((name) => [verb, name]))),
    )
    .map((pair) => JSON.stringify(pair))
    .toSorted();
}

it('no verb and no name is lost or added', () => {
  fc.assert(
    fc.property(scope, (one) => {
      expect(pairs(placed(one))).toEqual(pairs([one]));
    }),
  );
});

it('a namespaced scope with a place stays as it is', () => {
  fc.assert(
    fc.property(scope, word, (one, namespace) => {
      const pods = { ...one, group: '', resource: 'pods', place: { namespace } };

      expect(placed(pods)).toEqual([pods]);
    }),
  );
});

it('notes are one line of printable text and at most one for each verb and six more', () => {
  fc.assert(
    fc.property(scope, (one) => {
      const notes = [...notesOn(one, resources)];

      expect(notes.length).toBeLessThanOrEqual(one.verbs.length + 6);
      for (const note of notes) expect(note).toMatch(/^[ -~]+$/);
    }),
  );
});
