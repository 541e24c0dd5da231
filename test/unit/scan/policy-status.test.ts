import { describe, expect, it } from 'vitest';
import { type JsonObject, textOf } from '../../../src/core/json.ts';
import type { PolicyReach } from '../../../src/scan/pass.ts';
import { statusPatch } from '../../../src/scan/policy-status.ts';

const NOW = new Date('2026-02-03T04:05:06Z');
const REACH: PolicyReach = { workloads: 7, wouldDeny: 2, wouldWarn: 3, unenforcedNamespaces: 0 };

function policy(spec: JsonObject, status?: JsonObject): JsonObject {
  const metadata = { name: 'p', generation: 4 };
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ScopePolicy',
    metadata,
    spec,
    ...(status && { status }),
  };
}

const DENYING = { onChange: { missing: 'Deny' } };
const UNREADABLE = { allow: ['get pods', 'get pods in'] };

function conditions(patch: JsonObject): string[] {
  return (patch['conditions'] as JsonObject[]).map(
    ({ type, status, reason, message }) =>
      `${[type, status, reason].map((word) => textOf(word)).join(' ')}: ${textOf(message) ?? ''}`,
  );
}

describe('the status of a policy', () => {
  it('of one that denies', () => {
    expect(statusPatch(policy(DENYING), REACH, NOW)).toMatchObject({
      observedGeneration: 4,
      problems: null,
      lastValid: DENYING,
      mode: 'Enforce',
      matchedWorkloads: 7,
      wouldDeny: 2,
      wouldWarn: 3,
      evaluatedAt: '2026-02-03T04:05:06Z',
    });
  });

  it.each<[string, JsonObject, PolicyReach | undefined, string[]]>([
    [
      'that denies, in labelled namespaces',
      policy(DENYING),
      REACH,
      [
        'Valid True Valid: the policy counts as it is',
        'Enforced True Labelled: every namespace that it reaches is labelled',
      ],
    ],
    [
      'that denies, beyond them',
      policy(DENYING),
      { ...REACH, unenforcedNamespaces: 2 },
      [
        'Valid True Valid: the policy counts as it is',
        'Enforced False NamespacesNotLabelled: 2 namespaces that it reaches without the label countersign.dev/enforce=true: there its denials only warn',
      ],
    ],
    [
      'that denies, beyond one',
      policy(DENYING),
      { ...REACH, unenforcedNamespaces: 1 },
      [
        'Valid True Valid: the policy counts as it is',
        'Enforced False NamespacesNotLabelled: 1 namespace that it reaches without the label countersign.dev/enforce=true: there its denials only warn',
      ],
    ],
    [
      'that warns',
      policy({}),
      { ...REACH, unenforcedNamespaces: 2 },
      [
        'Valid True Valid: the policy counts as it is',
        'Enforced True NothingDenied: the policy denies nothing',
      ],
    ],
    [
      'that never was valid',
      policy(UNREADABLE),
      undefined,
      [
        expect.stringMatching(/^Valid False NotValid: spec\.allow\[1\]: line 1, column 12: expected/u),
        'Enforced Unknown NotCounted: no version of the policy counts',
      ],
    ],
    [
      'that was valid before',
      policy(UNREADABLE, { lastValid: DENYING }),
      REACH,
      [
        expect.stringContaining('Valid False NotValid'),
        'Enforced True Labelled: every namespace that it reaches is labelled',
      ],
    ],
  ])('has conditions of one %s', (_, object, reach, want) => {
    expect(conditions(statusPatch(object, reach, NOW))).toEqual(want);
  });

  it('keeps the last valid version of one that is not, and names every problem with its place', () => {
    expect(statusPatch(policy(UNREADABLE, { lastValid: DENYING }), REACH, NOW)).toMatchObject({
      lastValid: DENYING,
      mode: 'Enforce',
      problems: [{ path: 'spec.allow[1]', line: 1, column: 12 }],
    });
  });

  it('dates a condition when it turns, and not before', () => {
    const since = '2026-01-01T00:00:00Z';
    const before = {
      conditions: [
        { type: 'Valid', status: 'True', lastTransitionTime: since },
        { type: 'Enforced', status: 'True', lastTransitionTime: since },
      ],
    };
    const patch = statusPatch(policy(DENYING, before), { ...REACH, unenforcedNamespaces: 1 }, NOW);

    expect(patch['conditions']).toMatchObject([
      { type: 'Valid', lastTransitionTime: since },
      { type: 'Enforced', lastTransitionTime: '2026-02-03T04:05:06Z' },
    ]);
  });
});
