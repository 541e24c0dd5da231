import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rememberingParsers } from '../../../src/admit/parsers.ts';
import { PARSERS } from '../../../src/core/admission/declaration.ts';
import { runs } from '../../support/runs.ts';

const key = fc.constantFrom(
  'countersign.dev/inject',
  'countersign.dev/credential.db',
  'countersign.dev/file.x',
  'countersign.dev/tokn',
  'other.example/inject',
);
const value = fc.oneof(
  fc.constantFrom('true', 'false', 'secret/data/x', 'db.password', '{db.user}:{db.password}', '\ud800'),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const annotations = fc.dictionary(key, value, { maxKeys: 4 });
const needs = fc.oneof(
  fc.constantFrom('get pods', 'get pods\nlist secrets', 'get', ''),
  fc.string({ maxLength: 10 }),
);

it('parsers say the same with a memory, however much of it they have', () => {
  const asked = fc.array(fc.tuple(annotations, needs), { maxLength: 12 });
  const limits = fc.record({ entries: fc.nat(4), characters: fc.nat(4000) });
  fc.assert(
    fc.property(asked, limits, (all, some) => {
      const parsers = rememberingParsers(some);
      for (const [map, text] of [...all, ...all.toReversed(), ...all]) {
        expect(parsers.injection(map)).toEqual(PARSERS.injection(map));
        expect(parsers.scopes(text)).toEqual(PARSERS.scopes(text));
      }
    }),
    { numRuns: runs(300) },
  );
});
