import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalText } from '../../../../src/core/inject/canonical-text.ts';
import type { Json } from '../../../../src/core/json.ts';
import { runs } from '../../../support/runs.ts';

/** Small values, so that equal ones and near misses come up; keys and texts that look like the encoding itself. */
const text = fc.constantFrom('', 'a', '1:a', '1', '{', '<1>', '\ud800');
const { value: anyValue } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 1, 10, 1.5),
    text,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
}));

it('is the same for equal values and differs for others', () => {
  fc.assert(
    fc.property(anyValue, anyValue, (a, b) => {
      const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

      expect(canonicalText(a) === canonicalText(b)).toBe(same);
    }),
    { numRuns: runs(5000) },
  );
});

function sorted(value: Json | undefined): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const);
  return { fields: fields.toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}
