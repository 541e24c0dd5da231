import { describe, expect, it } from 'vitest';
import { globMatches } from '../../../../src/core/glob.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { fillText, matchingPolicies, selectPolicy } from '../../../../src/core/verdict/select.ts';
import { policy } from '../../../support/policy.ts';
import { API } from '../../../support/rbac.ts';

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
    const named = ['b', 'c', 'a'].map((name) => policy(name, {}));

    expect(matchingPolicies(named, API, {}).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(selectPolicy(named, API, {}).name).toBe('a');
  });

  it('goes by priority before names, a policy without one standing at 0', () => {
    const ranked = [policy('a', { priority: -1 }), policy('b', {}), policy('c', { priority: 2 })];

    expect(matchingPolicies(ranked, API, {}).map(({ name }) => name)).toEqual(['c', 'b', 'a']);
  });

  it('leaves out what does not match', () => {
    const other = policy('other', {
      priority: 99,
      match: { serviceAccounts: ['dev/*'] },
      forbid: ['get pods'],
    });

    expect(matchingPolicies([other, wide], API, {})).toEqual([wide]);
    expect(selectPolicy([other, wide], API, {}).forbid.map((line) => line.policy)).toEqual(['wide']);
  });

  it('falls back to the default', () => {
    const effective = selectPolicy([narrow], { namespace: 'dev', name: 'api' }, {});

    expect(effective).toMatchObject({ name: 'default', forbid: [], ceilings: [] });
  });

  it('fills placeholders in, and leaves lines without a place open', () => {
    const filled = policy('p', {
      allow: [
        'get secrets named {serviceAccount}-tls',
        'vault read secret/data/{namespace}/*',
        'get /x',
        'get pods everywhere',
      ],
      forbid: ['get pods in {namespace}'],
      ceiling: ['preset:own-namespace'],
    });
    const effective = selectPolicy([filled], API, {});

    expect(effective.allow.map(printScope)).toEqual([
      'get secrets named api-tls',
      'vault read secret/data/shop/*',
      'get /x',
      'get pods everywhere',
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

describe('a service account', () => {
  it.each([
    ['shop/api', true],
    ['shop/*', true],
    ['*/api', true],
    ['*/*', true],
    ['s*p/a*', true],
    ['shop/web', false],
    ['dev/api', false],
    ['*/web', false],
    ['dev/*', false],
    ['sho/api', false],
  ])('%s is shop/api: %s', (pattern, want) => {
    const matched = matchingPolicies([policy('p', { match: { serviceAccounts: [pattern] } })], API, {});

    expect(matched).toHaveLength(want ? 1 : 0);
  });

  it('may be any of several, and is none of none', () => {
    const several = policy('p', { match: { serviceAccounts: ['dev/*', 'shop/api'] } });
    const none = policy('p', { match: { serviceAccounts: [] } });

    expect(matchingPolicies([several], API, {})).toHaveLength(1);
    expect(matchingPolicies([none], API, {})).toHaveLength(0);
  });
});

describe('placeholders', () => {
  it.each([
    ['{namespace}_{serviceAccount}', 'shop_api'],
    ['{namespace}/{namespace}', 'shop/shop'],
    ['{serviceAccount}{serviceAccount}', 'apiapi'],
    ['a-{namespace}', 'a-shop'],
    ['namespace', 'namespace'],
    ['{other}', '{other}'],
  ])('%s is %s', (text, want) => {
    expect(fillText(text, API)).toBe(want);
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
    ['*a*', 'a', true],
    ['a*b*a', 'aba', true],
    ['ab*ba', 'aba', false],
    ['*ab*b', 'ab', false],
    ['*ab*b', 'abb', true],
    ['*bc*c*', 'abc', false],
    ['b*', 'ab', false],
    ['*a', 'ab', false],
    ['', '', true],
    ['', 'a', false],
  ])('%s and %s: %s', (glob, text, matches) => {
    expect(globMatches(glob, text)).toBe(matches);
  });
});
