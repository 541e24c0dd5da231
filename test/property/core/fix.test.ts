import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectKey } from '../../../src/core/rbac/held.ts';
import { rulesFor, withoutOverlap } from '../../../src/core/rbac/least-rules.ts';
import { type PlacedRule, ruleOf, uncovered } from '../../../src/core/scope/covers.ts';
import { scopesOfRule } from '../../../src/core/scope/from-rule.ts';
import { overlaps } from '../../../src/core/scope/overlap.ts';
import { resolveScopes } from '../../../src/core/scope/resolve.ts';
import type { KubernetesScope, Scope } from '../../../src/core/scope/scope.ts';
import { kubernetesOnly, type Verdict } from '../../../src/core/verdict/verdict.ts';
import { anyNeed, anyWorld, type RbacWorld } from '../../support/arbitrary.ts';
import { applied, fixedOn } from '../../support/fix.ts';
import { API } from '../../support/rbac.ts';
import { TEST_RESOURCES } from '../../support/resources.ts';
import { runs } from '../../support/runs.ts';

const RUNS = { numRuns: runs(1000) };
/** Placed, as those of a declaration are. */
const anyNeeds = fc
  .array(anyNeed, { maxLength: 4 })
  .map((needs) => resolveScopes(needs, 'shop', TEST_RESOURCES).scopes);
/** Every other binding is the account's alone, since only those may be changed. */
const ownWorld: fc.Arbitrary<RbacWorld> = anyWorld.map(({ roles, bindings }) => ({
  roles,
  bindings: bindings.map((binding, at) =>
    at % 2 === 0 ? { ...binding, subjects: [{ kind: 'ServiceAccount', ...API }] } : binding,
  ),
}));
const anyScopes = fc.array(anyNeed, { maxLength: 6 });

function excessOf({ findings }: Verdict): readonly KubernetesScope[] {
  return kubernetesOnly(findings.flatMap(({ check, scope }) => (check === 'excess' && scope ? [scope] : [])));
}

function coversAll(rules: readonly PlacedRule[], scopes: readonly KubernetesScope[]): void {
  for (const scope of scopes) expect(uncovered(rules, scope)).toEqual([]);
}

describe('a fix', () => {
  it('leaves nothing missing and adds no excess', () => {
    fc.assert(
      fc.property(ownWorld, anyNeeds, (world, needs) => {
        const { verdict, fix } = fixedOn(world, needs);
        const after = fixedOn(applied(fix, world), needs);

        expect(after.verdict.checks.missing).toBe('pass');
        coversAll(excessOf(verdict).map(ruleOf), excessOf(after.verdict));
      }),
      RUNS,
    );
  });

  it('leaves no excess but what it says is for somebody to decide', () => {
    fc.assert(
      fc.property(ownWorld, anyNeeds, (world, needs) => {
        const { fix } = fixedOn(world, needs);
        const after = fixedOn(applied(fix, world), needs);

        if (fix.advice.length === 0) expect(after.verdict.checks.excess).toBe('pass');
      }),
      RUNS,
    );
  });

  it('is all that there is to do', () => {
    fc.assert(
      fc.property(ownWorld, anyNeeds, (world, needs) => {
        const { fix } = fixedOn(world, needs);
        const again = fixedOn(applied(fix, world), needs).fix;

        expect({ ...again, advice: [] }).toEqual({
          vault: [],
          roles: [],
          narrowed: [],
          deletions: [],
          advice: [],
        });
      }),
      RUNS,
    );
  });

  it('takes nothing from another account, and overwrites nothing but what it narrows', () => {
    fc.assert(
      fc.property(ownWorld, anyNeeds, (world, needs) => {
        const { fix } = fixedOn(world, needs);
        const known = new Set([...world.roles, ...world.bindings].map(objectKey));

        for (const { role, binding } of fix.roles) {
          expect(known).not.toContain(objectKey(role));
          expect(known).not.toContain(objectKey(binding));
        }
        for (const { via } of fix.narrowed) {
          const users = world.bindings.filter(
            ({ roleRef, namespace }) =>
              objectKey({ ...roleRef, namespace: roleRef.kind === 'Role' ? namespace : undefined }) ===
              objectKey(via.role),
          );
          expect(users.map(objectKey)).toEqual([objectKey(via.binding)]);
        }
        for (const binding of [
          ...fix.deletions.map((one) => one.binding),
          ...fix.narrowed.map(({ via }) =>
            world.bindings.find((one) => objectKey(one) === objectKey(via.binding)),
          ),
        ]) {
          for (const { kind, name } of binding?.subjects ?? []) {
            expect([kind, name]).toEqual(
              kind === 'User' ? ['User', 'system:serviceaccount:shop:api'] : ['ServiceAccount', 'api'],
            );
          }
        }
      }),
      RUNS,
    );
  });

  it('never gives what is forbidden or beyond a ceiling', () => {
    fc.assert(
      fc.property(ownWorld, anyNeeds, anyScopes, anyScopes, (world, needs, forbidden, ceiling) => {
        const forbid = forbidden.map((scope) => ({ policy: 'p', scope }));
        const ceilings = [{ policy: 'p', scopes: ceiling as readonly Scope[] }];
        const { fix } = fixedOn(world, needs, { forbid, ceilings });
        const given = fix.roles.flatMap(({ scopes }) => scopes);

        for (const scope of given) expect(forbid.some((line) => overlaps(line.scope, scope))).toBe(false);
        coversAll(ceiling.map(ruleOf), given);
      }),
      RUNS,
    );
  });
});

describe('least rules', () => {
  const placed = anyScopes.map((scopes) =>
    scopes.map((scope) => (scope.kind === 'url' ? scope : { ...scope, place: 'everywhere' as const })),
  );

  it('give exactly the scopes, in the same way whatever their order', () => {
    fc.assert(
      fc.property(placed, (scopes) => {
        const rules = rulesFor(withoutOverlap(scopes));
        const given = rules.map((rule) => ({ rule, namespace: undefined }));

        coversAll(given, scopes);
        coversAll(
          scopes.map(ruleOf),
          rules.flatMap((rule) => [...scopesOfRule(rule, 'everywhere')]),
        );
        expect(rulesFor(withoutOverlap(scopes.toReversed()))).toEqual(rules);
        expect(rules.length).toBeLessThanOrEqual(withoutOverlap(scopes).length);
      }),
      RUNS,
    );
  });

  it('need every one of them', () => {
    fc.assert(
      fc.property(placed, (scopes) => {
        const least = withoutOverlap(scopes);
        for (const scope of least) {
          const others = least.filter((other) => other !== scope).map(ruleOf);
          expect(uncovered(others, scope)).not.toEqual([]);
        }
      }),
      RUNS,
    );
  });
});
