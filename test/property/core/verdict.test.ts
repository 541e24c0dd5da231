import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ruleOf, uncovered } from '../../../src/core/scope/covers.ts';
import { printScope } from '../../../src/core/scope/print.ts';
import type { KubernetesScope, Scope } from '../../../src/core/scope/scope.ts';
import { judge, type Verdict } from '../../../src/core/verdict/verdict.ts';
import { anyBinding, anyNeed, anyRole, anyWorld, type RbacWorld } from '../../support/arbitrary.ts';
import { API, heldBy } from '../../support/rbac.ts';
import { runs } from '../../support/runs.ts';
import { verdictInput } from '../../support/verdict.ts';

const RUNS = { numRuns: runs(1000) };
const anyNeeds = fc.array(anyNeed, { maxLength: 4 });

function verdictOn(
  world: RbacWorld,
  needs: readonly Scope[],
  more: Parameters<typeof verdictInput>[2] = {},
): Verdict {
  return judge(verdictInput(heldBy(API, ...world.roles, ...world.bindings), needs, more));
}

/** Every single permission of a scope: one verb, one name. */
function atoms(scope: KubernetesScope): readonly KubernetesScope[] {
  const verbs = scope.verbs.map((verb) => ({ ...scope, verbs: [verb] }));
  if (scope.kind === 'url') return verbs;
  const names = scope.names.length === 0 ? [[]] : scope.names.map((name) => [name]);
  return verbs.flatMap((one) => names.map((own) => ({ ...one, names: own })));
}

const missingOf = (verdict: Verdict) => verdict.findings.filter(({ check }) => check === 'missing');
const print = (scope: Scope | undefined) => (scope === undefined ? '' : printScope(scope));

describe('laws of the verdict', () => {
  it('missing and held partition the needs, permission by permission', () => {
    fc.assert(
      fc.property(anyWorld, anyNeed, (world, need) => {
        const held = heldBy(API, ...world.roles, ...world.bindings);
        const missing = new Set(uncovered(held.rules, need).flatMap(atoms).map(print));
        for (const atom of atoms(need)) {
          const isHeld = held.rules.some((rule) => uncovered([rule], atom).length === 0);
          expect(missing.has(print(atom))).toBe(!isHeld);
        }
        expect(missing.size).toBeLessThanOrEqual(atoms(need).length);
      }),
      RUNS,
    );
  });

  it('a grant never turns a need from held to missing', () => {
    fc.assert(
      fc.property(anyWorld, anyBinding, anyRole, anyNeeds, (world, binding, role, needs) => {
        const fresh = { ...role, name: 'added' };
        const grant = { ...binding, name: 'added', roleRef: { kind: role.kind, name: 'added' } };
        const before = missingOf(verdictOn(world, needs)).flatMap(({ scope }) =>
          scope?.kind === 'vault' || scope === undefined ? [] : atoms(scope),
        );
        const after = verdictOn(
          { roles: [...world.roles, fresh], bindings: [...world.bindings, grant] },
          needs,
        );
        const known = new Set(before.map(print));
        for (const { scope } of missingOf(after)) {
          if (scope === undefined || scope.kind === 'vault') continue;
          for (const atom of atoms(scope)) expect(known).toContain(print(atom));
        }
      }),
      RUNS,
    );
  });

  it('a further need never makes anything less missing, and never makes anything more excessive', () => {
    fc.assert(
      fc.property(anyWorld, anyNeeds, anyNeed, (world, needs, further) => {
        const before = verdictOn(world, needs);
        const after = verdictOn(world, [...needs, further]);

        if (before.checks.missing === 'fail') expect(after.checks.missing).toBe('fail');
        if (before.checks.excess === 'pass') expect(after.checks.excess).toBe('pass');
      }),
      RUNS,
    );
  });

  it('does not depend on the order or the repetition of facts and needs', () => {
    fc.assert(
      fc.property(anyWorld, anyNeeds, (world, needs) => {
        const twisted: RbacWorld = {
          roles: world.roles
            .map((role) => ({ ...role, rules: [...role.rules, ...role.rules].toReversed() }))
            .toReversed(),
          bindings: world.bindings
            .map((binding) => ({
              ...binding,
              subjects: [...binding.subjects, ...binding.subjects].toReversed(),
            }))
            .toReversed(),
        };
        const [one, other] = [verdictOn(world, needs), verdictOn(twisted, [...needs, ...needs].toReversed())];

        expect(other.checks).toEqual(one.checks);
        expect(other.findings.map(({ scope }) => print(scope))).toEqual(
          one.findings.map(({ scope }) => print(scope)),
        );
      }),
      RUNS,
    );
  });

  it('what is excess is held and not needed, and what is needed of it is not excess', () => {
    fc.assert(
      fc.property(anyWorld, anyNeeds, (world, needs) => {
        const rules = needs.map(ruleOf);
        const held = heldBy(API, ...world.roles, ...world.bindings);
        for (const { scope, check } of verdictOn(world, needs).findings) {
          if (check !== 'excess' || scope === undefined || scope.kind === 'vault') continue;
          for (const atom of atoms(scope)) {
            expect(uncovered(rules, atom)).not.toEqual([]);
            expect(uncovered(held.rules, atom)).toEqual([]);
          }
        }
      }),
      RUNS,
    );
  });

  it('an unknown never flips what is proved', () => {
    fc.assert(
      fc.property(anyWorld, anyNeeds, (world, needs) => {
        const known = verdictOn(world, needs);
        const unfilled = {
          kind: 'ClusterRole',
          namespace: undefined,
          name: 'sum',
          rules: [],
          labels: {},
          gathers: [],
        } as const;
        const bound = {
          kind: 'ClusterRoleBinding',
          namespace: undefined,
          name: 'sum',
          roleRef: { kind: 'ClusterRole', name: 'sum' },
          subjects: [{ kind: 'Group', name: 'system:authenticated', namespace: undefined }],
        } as const;
        const open = verdictOn(
          { roles: [...world.roles, unfilled], bindings: [...world.bindings, bound] },
          needs,
        );

        expect(open.checks.excess).toBe(known.checks.excess);
        if (known.checks.missing === 'pass') expect(open.checks.missing).toBe('pass');
      }),
      RUNS,
    );
  });
});
