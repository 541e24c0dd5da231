import { describe, expect, it } from 'vitest';
import { policyStatus, problemText, writtenProblems } from '../../../src/api/policy-status.ts';
import type { PolicyProblem } from '../../../src/core/verdict/policy-source.ts';

const VALID = { priority: 7 };
const WRONG = { allow: ['get pods in'] };

function policy(spec: unknown, lastValid?: unknown): object {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ScopePolicy',
    metadata: { name: 'p' },
    spec,
    ...(lastValid !== undefined && { status: { lastValid } }),
  };
}

describe('what counts of a policy', () => {
  it('is its spec, when that is valid', () => {
    expect(policyStatus(policy(VALID, { priority: 1 }))).toMatchObject({
      state: 'valid',
      policy: { priority: 7 },
      problems: [],
      lastValid: VALID,
    });
  });

  it('is else the last valid version in its status', () => {
    const before = policyStatus(policy({ priority: 1 }));

    expect(policyStatus(policy(WRONG, VALID), before)).toMatchObject({
      state: 'lastValid',
      policy: { name: 'p', priority: 7 },
      problems: [{ path: ['spec', 'allow', 0], line: 1, column: 12 }],
      lastValid: VALID,
    });
  });

  it.each([undefined, WRONG, 'nonsense', null])(
    'is else what counted before, where the status has %j',
    (lastValid) => {
      const before = policyStatus(policy(VALID));
      const after = policyStatus(policy(WRONG, lastValid), before);

      expect(after).toMatchObject({ state: 'lastValid', policy: { priority: 7 }, lastValid: VALID });
      expect(policyStatus(policy(WRONG), after)).toMatchObject({ state: 'lastValid', lastValid: VALID });
    },
  );

  it('is else nothing', () => {
    const wanted = { state: 'none', policy: undefined, lastValid: undefined, mode: undefined };

    expect(policyStatus(policy(WRONG))).toMatchObject(wanted);
    expect(policyStatus(policy(WRONG), policyStatus(policy(WRONG)))).toMatchObject(wanted);
    for (const hostile of [null, 7, [], 'x', { spec: 'x', status: 'x' }])
      expect(policyStatus(hostile)).toMatchObject(wanted);
  });
});

describe('the mode', () => {
  const silent = {
    missing: 'Ignore',
    excess: { critical: 'Ignore', high: 'Ignore', medium: 'Ignore', low: 'Ignore' },
    forbidden: 'Ignore',
    overreach: 'Ignore',
    undeclared: 'Ignore',
    undetermined: 'Ignore',
  };

  it.each<[string, object, string]>([
    ['when something is denied', { onChange: { missing: 'Deny' } }, 'Enforce'],
    ['when only a critical excess is', { onChange: { excess: { critical: 'Deny' } } }, 'Enforce'],
    ['when only a grant is', { onChange: silent, onGrant: { forbidden: 'Deny' } }, 'Enforce'],
    ['when nothing is said', {}, 'Warn'],
    ['when nothing is acted on', { onChange: silent, onGrant: silent }, 'Silent'],
  ])('%s', (_, spec, mode) => {
    expect(policyStatus(policy(spec))).toMatchObject({ state: 'valid', mode });
  });
});

describe('problems', () => {
  const problem: PolicyProblem = {
    path: ['spec', 'allow', 1],
    line: 1,
    column: 12,
    message: 'expected \u001b[31m',
  };

  it('are written with field, line and column, and safely', () => {
    expect(writtenProblems([problem, { path: [], message: 'x'.repeat(1000) }])).toEqual([
      { path: 'spec.allow[1]', line: 1, column: 12, message: 'expected \\u001b[31m' },
      { path: '', message: `${'x'.repeat(499)}…` },
    ]);
    expect(writtenProblems(Array.from({ length: 99 }, () => problem))).toHaveLength(50);
  });

  it('are printed on one line', () => {
    expect(problemText(problem)).toBe('spec.allow[1]: line 1, column 12: expected \\u001b[31m');
    expect(problemText({ path: [], message: 'expected a mapping' })).toBe('expected a mapping');
  });
});
