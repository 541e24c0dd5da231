import { describe, expect, it } from 'vitest';
import { selects } from '../../../../src/core/labels.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { compilePolicy } from '../../../../src/core/verdict/compile.ts';
import { chooseRole } from '../../../../src/core/verdict/injection-policy.ts';
import { DEFAULT_POLICY } from '../../../../src/core/verdict/policy.ts';
import type { PolicySpec } from '../../../../src/core/verdict/policy-source.ts';
import { globMatches, selectPolicy } from '../../../../src/core/verdict/select.ts';
import { policy } from '../../../support/policy.ts';
import { API } from '../../../support/rbac.ts';

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

describe('selecting', () => {
  const wide = policy('wide', {
    priority: 1,
    forbid: ['get secrets'],
    ceiling: ['* * everywhere'],
    onChange: { missing: 'Ignore' },
  });
  const narrow = policy('narrow', {
    priority: 9,
    match: { serviceAccounts: ['shop/*'] },
    forbid: ['create pods/exec'],
    onChange: { missing: 'Deny' },
  });

  it('takes actions from the highest priority, and adds up what is forbidden and what is the ceiling', () => {
    const effective = selectPolicy([wide, narrow], API, {});

    expect(effective.name).toBe('narrow');
    expect(effective.onChange.missing).toBe('Deny');
    expect(effective.forbid.map((line) => line.policy)).toEqual(['narrow', 'wide']);
    expect(effective.ceilings.map((line) => line.policy)).toEqual(['wide']);
  });

  it('goes by name where priorities are equal', () => {
    expect(selectPolicy([policy('b', {}), policy('a', {})], API, {}).name).toBe('a');
  });

  it('falls back to the default', () => {
    const effective = selectPolicy([narrow], { namespace: 'dev', name: 'api' }, {});

    expect(effective).toMatchObject({ name: 'default', forbid: [], ceilings: [] });
  });

  it('fills placeholders in, and leaves lines without a place open', () => {
    const filled = policy('p', {
      allow: ['get secrets named {serviceAccount}-tls', 'vault read secret/data/{namespace}/*', 'get /x'],
      forbid: ['get pods in {namespace}'],
      ceiling: ['preset:own-namespace'],
    });
    const effective = selectPolicy([filled], API, {});

    expect(effective.allow.map(printScope)).toEqual([
      'get secrets named api-tls',
      'vault read secret/data/shop/*',
      'get /x',
    ]);
    expect(effective.forbid.map(({ scope }) => printScope(scope))).toEqual(['get pods in shop']);
    expect(effective.ceilings[0]?.scopes.map(printScope)).toEqual(['* * in shop']);
  });

  it('needs both the namespace and the account to match', () => {
    const both = policy('p', {
      match: { namespaceSelector: { matchLabels: { env: 'prod' } }, serviceAccounts: ['*/api'] },
    });

    expect(selectPolicy([both], API, { env: 'prod' }).name).toBe('p');
    expect(selectPolicy([both], API, { env: 'dev' }).name).toBe('default');
    expect(selectPolicy([both], { namespace: 'shop', name: 'web' }, { env: 'prod' }).name).toBe('default');
  });
});

describe('label selectors', () => {
  it.each<[string, 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', string[], boolean]>([
    ['env', 'In', ['prod', 'stage'], true],
    ['env', 'In', ['dev'], false],
    ['team', 'In', ['a'], false],
    ['env', 'NotIn', ['dev'], true],
    ['env', 'NotIn', ['prod'], false],
    ['team', 'NotIn', ['a'], true],
    ['env', 'Exists', [], true],
    ['team', 'Exists', [], false],
    ['team', 'DoesNotExist', [], true],
    ['env', 'DoesNotExist', [], false],
    ['constructor', 'Exists', [], false],
  ])('%s %s %j is %s', (key, operator, values, holds) => {
    expect(selects({ matchLabels: {}, matchExpressions: [{ key, operator, values }] }, { env: 'prod' })).toBe(
      holds,
    );
  });
});

describe('globs', () => {
  it.each([
    ['*', '', true],
    ['*', 'api', true],
    ['api', 'api', true],
    ['api', 'api2', false],
    ['a*', 'api', true],
    ['*i', 'api', true],
    ['a*i', 'ai', true],
    ['a*a', 'a', false],
    ['*a*b*', 'xaxbx', true],
    ['*a*b*', 'xbxax', false],
    ['a**b', 'ab', true],
    ['a.c', 'abc', false],
  ])('%s and %s: %s', (glob, text, matches) => {
    expect(globMatches(glob, text)).toBe(matches);
  });
});

describe('the Vault role', () => {
  const rules = (roles: readonly string[], vaults: readonly string[] = ['default']) => ({
    roles,
    vaults,
    issuance: ['Login'] as const,
  });

  it.each([
    [
      'the policy’s pattern, filled in',
      rules(['{namespace}_{serviceAccount}']),
      undefined,
      { vault: 'default', role: 'shop_api' },
    ],
    ['the account’s name where any is allowed', rules(['*']), undefined, { vault: 'default', role: 'api' }],
    [
      'what is asked for, where it is allowed',
      rules(['{namespace}_*']),
      'shop_batch',
      { vault: 'default', role: 'shop_batch' },
    ],
  ])('is %s', (_, injection, role, wanted) => {
    expect(chooseRole({ vault: 'default', role }, injection, API, 'p')).toEqual(wanted);
  });

  it.each([
    [
      'another account’s role',
      rules(['{namespace}_{serviceAccount}']),
      'default',
      'shop_web',
      'policy p allows no Vault role shop_web for this account; it allows shop_api',
    ],
    [
      'the account’s name where no pattern matches it',
      rules(['team-*']),
      'default',
      undefined,
      'policy p allows no Vault role api for this account; it allows team-*',
    ],
    [
      'another connection',
      rules(['*']),
      'other',
      undefined,
      'policy p allows no Vault connection other; it allows default',
    ],
  ])('is refused: %s', (_, injection, vault, role, problem) => {
    expect(chooseRole({ vault, role }, injection, API, 'p')).toMatchObject({ problem });
  });
});
