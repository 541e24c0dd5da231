import { describe, expect, it } from 'vitest';
import { printScope } from '../../../../src/core/scope/print.ts';
import { compilePolicy } from '../../../../src/core/verdict/compile.ts';
import { type Action, DEFAULT_POLICY, isMilder, milder } from '../../../../src/core/verdict/policy.ts';
import type { PolicySpec } from '../../../../src/core/verdict/policy-source.ts';
import { policy } from '../../../support/policy.ts';

describe('compiling', () => {
  it('fills in the defaults', () => {
    const { priority, onChange, onReschedule, sharedAccounts, ceiling, injection } = policy('p', {});

    expect({ priority, onChange, onReschedule, sharedAccounts, ceiling, injection }).toEqual({
      ...{ priority: 0, onChange: DEFAULT_POLICY.onChange, onReschedule: DEFAULT_POLICY.onReschedule },
      ...{ sharedAccounts: 'Union', ceiling: undefined, injection: DEFAULT_POLICY.injection },
    });
  });

  it.each<[string, PolicySpec['onChange'], object]>([
    [
      'an action for each risk',
      { excess: { critical: 'Deny', high: 'Deny', medium: 'Warn', low: 'Ignore' } },
      { critical: 'Deny', high: 'Deny', medium: 'Warn', low: 'Ignore' },
    ],
    [
      'one for some risks',
      { excess: { low: 'Ignore' } },
      { critical: 'Warn', high: 'Warn', medium: 'Warn', low: 'Ignore' },
    ],
  ])('takes %s', (_, onChange, wanted) => {
    expect(policy('p', { onChange: onChange ?? {} }).onChange.excess).toEqual(wanted);
  });

  it('puts presets in place', () => {
    expect(policy('p', { forbid: ['preset:admission'] }).forbid.map(printScope)).toEqual([
      'create,update,patch,delete,deletecollection any.admissionregistration.k8s.io everywhere',
    ]);
  });

  it('reports every problem at once, with its field and column, and gives no policy', () => {
    const compiled = compilePolicy({
      metadata: { name: 'p' },
      spec: {
        allow: ['get configmaps', 'get pods in', '# nothing'],
        forbid: ['preset:all'],
        match: { serviceAccounts: ['shop', 'shop/*'] },
        injection: {
          roles: [
            '{namespace}-{serviceAccount}',
            '{namespace}_{serviceAccount}',
            '{namespace}{serviceAccount}',
            '{ns}_x',
          ],
        },
      },
    });

    expect(compiled.policy).toBeUndefined();
    expect(
      compiled.problems.map(({ path, message, line, column }) =>
        [path.join('.'), line, column, message.slice(0, 40)].join(' '),
      ),
    ).toEqual([
      'spec.match.serviceAccounts.0   expected NAMESPACE/NAME, as in shop/* or',
      'spec.allow.1 1 12 expected a namespace after `in`',
      'spec.allow.2   expected a scope line',
      'spec.forbid.0   no such preset; there are preset:escalat',
      'spec.injection.roles.0   ambiguous: shop + api-prod and shop-api ',
      'spec.injection.roles.2   ambiguous: shop + api-prod and shop-api ',
      'spec.injection.roles.3   expected no placeholder but {namespace} ',
    ]);
  });

  it('gives the line within an entry of several lines', () => {
    const { problems } = compilePolicy({
      metadata: { name: 'p' },
      spec: { forbid: ['get pods\n# fine\nget secrets in'] },
    });

    expect(problems).toMatchObject([{ path: ['spec', 'forbid', 0], line: 3, column: 15 }]);
  });

  it('fills a reschedule in with its default, or with what a change meets where that is milder', () => {
    const { onReschedule } = policy('p', {
      onChange: { missing: 'Ignore', forbidden: 'Deny', excess: { low: 'Ignore' } },
      onReschedule: { excess: { medium: 'Ignore' } },
    });

    expect(onReschedule).toEqual({
      ...DEFAULT_POLICY.onReschedule,
      missing: 'Ignore',
      excess: { critical: 'Warn', high: 'Warn', medium: 'Ignore', low: 'Ignore' },
    });
  });

  const ORDER = (lower: string, higher: string) =>
    `${lower} is acted on more strictly than ${higher}, which is worse; a risk that is not named keeps its default`;
  const STRICTER =
    'stricter than onChange: what a person may apply, a controller must be able to start again';

  it.each<[string, PolicySpec, readonly string[]]>([
    [
      'a lower risk that is acted on more strictly than a higher one',
      { onChange: { excess: { critical: 'Warn', low: 'Deny' } } },
      [`spec.onChange.excess: ${ORDER('low', 'medium')}`],
    ],
    [
      'a higher risk that is left at its default',
      { onGrant: { excess: { high: 'Deny' } } },
      [`spec.onGrant.excess: ${ORDER('high', 'critical')}`],
    ],
    [
      'a higher risk that is ignored',
      { onReschedule: { excess: { critical: 'Ignore' } } },
      [`spec.onReschedule.excess: ${ORDER('high', 'critical')}`],
    ],
    [
      'a reschedule that is stricter than a change',
      { onChange: { forbidden: 'Deny' }, onReschedule: { missing: 'Deny', forbidden: 'Deny' } },
      [`spec.onReschedule.missing: ${STRICTER}`],
    ],
    [
      'a reschedule that is stricter than a change for one risk',
      { onChange: { excess: { low: 'Ignore' } }, onReschedule: { excess: { low: 'Warn' } } },
      [`spec.onReschedule.excess.low: ${STRICTER}`],
    ],
    [
      'a reschedule that warns of what is ignored',
      { onChange: { undetermined: 'Ignore' }, onReschedule: { undetermined: 'Warn' } },
      [`spec.onReschedule.undetermined: ${STRICTER}`],
    ],
  ])('refuses %s', (_, spec, wanted) => {
    const { problems } = compilePolicy({ metadata: { name: 'p' }, spec });

    expect(problems.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual(wanted);
  });

  it.each<[string, PolicySpec['match'] & object, string]>([
    ['no slash', { serviceAccounts: ['shop'] }, 'spec.match.serviceAccounts.0'],
    ['two slashes', { serviceAccounts: ['a/b', 'a/b/c'] }, 'spec.match.serviceAccounts.1'],
    ['what no name has', { serviceAccounts: ['Shop/?'] }, 'spec.match.serviceAccounts.0'],
    [
      'In without values',
      { namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'In' }] } },
      'spec.match.namespaceSelector.matchExpressions.0',
    ],
    [
      'Exists with values',
      { namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'Exists', values: ['a'] }] } },
      'spec.match.namespaceSelector.matchExpressions.0',
    ],
  ])('refuses a match with %s', (_, match, field) => {
    const { problems } = compilePolicy({ metadata: { name: 'p' }, spec: { match } });

    expect(problems.map(({ path }) => path.join('.'))).toEqual([field]);
  });

  it.each(['Production', 'a_b', '-a', 'a..b', 'a.-b', 'a b', 'a\n'])('refuses the name %j', (name) => {
    expect(compilePolicy({ metadata: { name }, spec: {} }).problems).toMatchObject([
      { path: ['metadata', 'name'] },
    ]);
  });

  it.each<[string, PolicySpec, string]>([
    ['A', {}, 'expected lower-case letters, digits, - and ., as in team-a'],
    ['p', { match: { serviceAccounts: ['api'] } }, 'expected NAMESPACE/NAME, as in shop/* or */api'],
    [
      'p',
      { match: { namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: [] }] } } },
      'In and NotIn need values, Exists and DoesNotExist take none',
    ],
    [
      'p',
      { injection: { roles: ['{name}'] } },
      'expected no placeholder but {namespace} and {serviceAccount}',
    ],
    [
      'p',
      { injection: { roles: ['{serviceAccount}-{namespace}'] } },
      'ambiguous: shop + api-prod and shop-api + prod would get the same role; put a character between that no name has, as in {namespace}_{serviceAccount}',
    ],
    [
      'p',
      { allow: ['preset:all'] },
      'no such preset; there are preset:escalation, preset:admission, preset:secrets-everywhere, preset:own-namespace',
    ],
  ])('says of policy %s with %j what it expected', (name, spec, message) => {
    expect(compilePolicy({ metadata: { name }, spec }).problems).toMatchObject([{ message }]);
  });

  it.each(['a', 'team-a', '9.example.com'])('takes the name %s', (name) => {
    expect(compilePolicy({ metadata: { name }, spec: {} }).problems).toEqual([]);
  });

  it('lets grants waive nothing for a day, where it does not say otherwise', () => {
    expect(policy('p', {}).grants).toEqual({ maxDurationSeconds: 86_400, mayWaive: [] });
    expect(policy('p', { grants: { mayWaive: ['excess'] } }).grants).toEqual({
      maxDurationSeconds: 86_400,
      mayWaive: ['excess'],
    });
    expect(policy('p', { grants: { maxDuration: '1h30m' } }).grants).toEqual({
      maxDurationSeconds: 5400,
      mayWaive: [],
    });
  });

  it.each(['', '1', '1d', '24 h', '59s', '721h', '30m1h', '-1h', '1.5h'])(
    'refuses grants of %j',
    (maxDuration) => {
      const { problems } = compilePolicy({ metadata: { name: 'p' }, spec: { grants: { maxDuration } } });

      expect(problems).toEqual([
        {
          path: ['spec', 'grants', 'maxDuration'],
          message: 'expected a duration from 1m to 720h, as in 24h or 1h30m',
        },
      ]);
    },
  );

  it('does not take a property of every object for a preset', () => {
    expect(
      compilePolicy({ metadata: { name: 'p' }, spec: { forbid: ['preset:constructor'] } }).problems,
    ).toHaveLength(1);
  });
});

describe('where no policy matches', () => {
  const WARNED = { critical: 'Warn', high: 'Warn', medium: 'Warn', low: 'Warn' };
  const SEEN_ONLY_ON_CHANGE = { overreach: 'Ignore', undeclared: 'Ignore', undetermined: 'Ignore' };

  it('everything about a change warns, and about a rescheduling or a grant what could hurt', () => {
    const { onChange, onReschedule, onGrant } = DEFAULT_POLICY;

    expect(onChange).toEqual({
      ...{ missing: 'Warn', excess: WARNED, forbidden: 'Warn' },
      ...{ overreach: 'Warn', undeclared: 'Warn', undetermined: 'Warn' },
    });
    for (const actions of [onReschedule, onGrant]) {
      expect(actions).toEqual({ missing: 'Warn', excess: WARNED, forbidden: 'Warn', ...SEEN_ONLY_ON_CHANGE });
    }
  });

  it('nothing is allowed, forbidden or waived, and an injection may log in anywhere', () => {
    const { name, priority, allow, forbid, ceiling, injection, grants, sharedAccounts } = DEFAULT_POLICY;

    expect([name, sharedAccounts, priority]).toEqual(['default', 'Union', Number.MIN_SAFE_INTEGER]);
    expect({ allow, forbid, ceiling }).toEqual({ allow: [], forbid: [], ceiling: undefined });
    expect(injection).toEqual({ vaults: ['*'], roles: ['*'], issuance: ['Login'], tokenRoles: [] });
    expect(grants).toEqual({ maxDurationSeconds: 86_400, mayWaive: [] });
  });
});

describe('actions', () => {
  it.each<[Action, Action, Action]>([
    ['Ignore', 'Warn', 'Ignore'],
    ['Warn', 'Ignore', 'Ignore'],
    ['Warn', 'Deny', 'Warn'],
    ['Deny', 'Warn', 'Warn'],
    ['Ignore', 'Deny', 'Ignore'],
    ['Deny', 'Deny', 'Deny'],
  ])('of %s and %s the milder is %s', (a, b, want) => {
    expect(milder(a, b)).toBe(want);
    expect(isMilder(a, b)).toBe(a !== b && want === a);
  });
});
