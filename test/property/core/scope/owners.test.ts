import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ruleOf, uncovered } from '../../../../src/core/scope/covers.ts';
import { uncoveredBy } from '../../../../src/core/scope/owners.ts';
import type { KubernetesScope } from '../../../../src/core/scope/scope.ts';
import { GROUPS, NAMES, RESOURCES, URLS, VERBS } from '../../../support/arbitrary.ts';

const some = <T>(items: readonly T[]) => fc.subarray([...items], { minLength: 1, maxLength: 2 });
const anyScope: fc.Arbitrary<KubernetesScope> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('resource' as const),
      verbs: some(VERBS),
      group: fc.constantFrom(...GROUPS),
      resource: fc.constantFrom(...RESOURCES),
      names: fc.subarray([...NAMES, '', '='], { maxLength: 2 }),
      place: fc.constantFrom(
        'own' as const,
        'everywhere' as const,
        { namespace: 'shop' },
        { namespace: 'dev' },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('url' as const),
      verbs: some(VERBS),
      url: fc.constantFrom(...URLS),
    }),
  },
);

it('owners that are looked up cover what owners that are gone through do', () => {
  fc.assert(
    fc.property(
      fc.array(anyScope, { minLength: 33, maxLength: 60 }),
      fc.array(anyScope, { maxLength: 20 }),
      (owners, scopes) => {
        const unknown = uncoveredBy(owners);
        const rules = owners.map(ruleOf);

        for (const scope of scopes) expect(unknown(scope)).toEqual(uncovered(rules, scope));
      },
    ),
    { numRuns: 2000 },
  );
});
