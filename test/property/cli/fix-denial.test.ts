import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixesFor } from '../../../src/cli/fix-denial.ts';
import { type AccountFix } from '../../../src/cli/fix-report.ts';
import type { PolicyRule } from '../../../src/core/rbac/rules.ts';
import { covered, type PlacedRule, uncovered } from '../../../src/core/scope/covers.ts';
import { resolveScopes } from '../../../src/core/scope/resolve.ts';
import type { KubernetesScope } from '../../../src/core/scope/scope.ts';
import { kubernetesOnly } from '../../../src/core/verdict/verdict.ts';
import { anyNeed, anyWorld } from '../../support/arbitrary.ts';
import { denialOf, judged, type Shop, shopWorld, strayPod, surveyed } from '../../support/denied.ts';
import { applied } from '../../support/fix.ts';
import { API } from '../../support/rbac.ts';
import { TEST_RESOURCES } from '../../support/resources.ts';
import { runs } from '../../support/runs.ts';

const RUNS = { numRuns: runs(1000) };
const DENY = { critical: 'Deny', high: 'Deny', medium: 'Deny', low: 'Deny' } as const;
const GRAVE = { critical: 'Deny', high: 'Deny', medium: 'Ignore', low: 'Ignore' } as const;

/** Placed, as those of a declaration are. */
const anyNeeds = fc
  .array(anyNeed, { maxLength: 4 })
  .map((needs) => kubernetesOnly(resolveScopes(needs, 'shop', TEST_RESOURCES).scopes));
/** Every other binding is the account's alone, since only those may be changed. */
const ownWorld = anyWorld.map(({ roles, bindings }) => ({
  roles,
  bindings: bindings.map((binding, at) =>
    at % 2 === 0 ? { ...binding, subjects: [{ kind: 'ServiceAccount', ...API }] } : binding,
  ),
}));
const isPlain = ({ verbs, apiGroups, resources, nonResourceURLs }: PolicyRule) =>
  ![...verbs, ...apiGroups, ...resources, ...nonResourceURLs].some((word) => word.includes('*'));
/** Of a wildcard that is too much the same is said whatever is needed of it. */
const plainWorld = ownWorld.map(({ roles, bindings }) => ({
  roles: roles.map((role) => ({ ...role, rules: role.rules.filter(isPlain) })),
  bindings,
}));
const STRICT = { onChange: { missing: 'Deny', excess: DENY } };
const anyPolicy = (...excess: readonly (typeof DENY | typeof GRAVE)[]) =>
  fc.record({
    onChange: fc.record({ missing: fc.constant('Deny'), excess: fc.constantFrom(...excess) }),
    sharedAccounts: fc.constantFrom('Union', 'Exact'),
  });

interface Fixed {
  readonly shop: Shop;
  readonly after: Shop;
  readonly fixes: readonly AccountFix[];
}

/** With the fix for the denial of a workload that needs this. `undefined`: it is not refused. */
function fixed(
  shop: Shop,
  needs: readonly KubernetesScope[],
  pod?: readonly KubernetesScope[],
): Fixed | undefined {
  const world = shopWorld(shop);
  const denial = denialOf(judged(world, needs), world);
  if (denial === undefined) return undefined;
  const pods = pod === undefined ? [] : [strayPod(pod)];
  const fixes = fixesFor(denial, { survey: surveyed(world), pods, nowMs: 0 });
  const after = fixes.reduce<Shop>((one, { fix }) => ({ ...one, ...applied(fix, one) }), shop);
  return { shop, after, fixes };
}

const adviceOf = ({ fixes }: Fixed) => fixes.flatMap(({ fix }) => fix.advice);
const rulesOf = (shop: Shop): readonly PlacedRule[] => shopWorld(shop).held(API).rules;

function expectKept({ shop, after }: Fixed, needs: readonly KubernetesScope[]): void {
  const [before, now] = [rulesOf(shop), rulesOf(after)];
  for (const need of needs.flatMap((one) => covered(before, one))) expect(uncovered(now, need)).toEqual([]);
}

describe('the fix of a denial', () => {
  it('lets a workload that was never stored pass with nothing in excess', () => {
    let whole = 0;
    let narrowed = 0;
    fc.assert(
      fc.property(ownWorld, anyNeeds, anyNeeds, (rbac, needs, others) => {
        const shop = { ...rbac, policy: STRICT, running: { web: others }, accountNeeds: undefined };
        const fix = fixed(shop, needs);
        if (fix === undefined) return;
        const { findings } = judged(shopWorld(fix.after), needs).decision;

        expect(findings.filter(({ check }) => check === 'missing')).toEqual([]);
        if (adviceOf(fix).length > 0) return;
        expect(findings).toEqual([]);
        whole += 1;
        if (fix.fixes.some(({ fix: { narrowed: roles, deletions } }) => roles.length + deletions.length > 0))
          narrowed += 1;
      }),
      RUNS,
    );
    expect(whole).toBeGreaterThan(RUNS.numRuns / 10);
    expect(narrowed).toBeGreaterThan(RUNS.numRuns / 10);
  });

  it('takes nothing that the workload, what is stored of it, or what else runs as its account needs', () => {
    fc.assert(
      fc.property(
        ownWorld,
        fc.tuple(anyNeeds, anyNeeds, anyNeeds, anyNeeds, fc.option(anyNeeds, { nil: undefined })),
        anyPolicy(DENY, GRAVE),
        (rbac, [needs, others, stored, pod, accountNeeds], policy) => {
          const running = { web: others, api: stored };
          const fix = fixed({ ...rbac, policy, running, accountNeeds }, needs, pod);
          if (fix === undefined) return;

          expectKept(fix, [...needs, ...others, ...stored, ...pod, ...(accountNeeds ?? [])]);
        },
      ),
      RUNS,
    );
  });

  it('takes nothing that another form needs which is refused under the same id', () => {
    let same = 0;
    fc.assert(
      fc.property(plainWorld, anyNeeds, anyPolicy(GRAVE), (rbac, needs, policy) => {
        const shop = { ...rbac, policy, running: {}, accountNeeds: undefined };
        const world = shopWorld(shop);
        const { verdict, decision } = judged(world, needs);
        const fix = fixed(shop, needs);
        // All that the policy does not act on.
        const ignored = verdict.findings.filter(({ risk }) => risk === 'medium' || risk === 'low');
        const other = [...needs, ...kubernetesOnly(ignored.flatMap(({ scope }) => scope ?? []))];
        if (fix === undefined || ignored.length === 0) return;
        if (judged(world, other).decision.id !== decision.id) return;

        expectKept(fix, other);
        same += 1;
      }),
      RUNS,
    );
    expect(same).toBeGreaterThan(RUNS.numRuns / 50);
  });
});
