import { describe, expect, it } from 'vitest';
import { printScope } from '../../../../src/core/scope/print.ts';
import { compilePolicy, type PolicySpec } from '../../../../src/core/verdict/compile.ts';
import { chooseRole } from '../../../../src/core/verdict/injection-policy.ts';
import { DEFAULT_POLICY } from '../../../../src/core/verdict/policy.ts';
import { globMatches, selectPolicy, selects } from '../../../../src/core/verdict/select.ts';
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
      'one word for every risk',
      { excess: 'Deny' },
      { critical: 'Deny', high: 'Deny', medium: 'Deny', low: 'Deny' },
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
          ],
        },
      },
    });

    expect(compiled.policy).toBeUndefined();
    expect(
      compiled.problems.map(({ path, message }) => `${path.join('.')}: ${message.slice(0, 40)}`),
    ).toEqual([
      'spec.match.serviceAccounts.0: expected NAMESPACE/NAME, as in shop/* or',
      expect.stringContaining('spec.allow.1: column 12:'),
      'spec.allow.2: expected a scope line',
      'spec.forbid.0: no preset all; there are escalation, adm',
      'spec.injection.roles.0: ambiguous: "-" can stand in a name; put ',
      'spec.injection.roles.2: ambiguous: "" can stand in a name; put a',
    ]);
  });

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
