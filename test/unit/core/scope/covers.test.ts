import { describe, expect, it } from 'vitest';
import { type PlacedRule, ruleOf, uncovered } from '../../../../src/core/scope/covers.ts';
import type { KubernetesScope, ResourceScope } from '../../../../src/core/scope/scope.ts';
import { rule, urls } from '../../../support/rbac.ts';

const everywhere = (one: PlacedRule['rule']): PlacedRule => ({ rule: one, namespace: undefined });
const inShop = (one: PlacedRule['rule']): PlacedRule => ({ rule: one, namespace: 'shop' });

function scope(verbs: string, resource: string, more: Partial<ResourceScope> = {}): ResourceScope {
  return {
    kind: 'resource',
    verbs: verbs.split(','),
    group: '',
    resource,
    names: [],
    place: { namespace: 'shop' },
    ...more,
  };
}

function covered(owner: PlacedRule, wanted: KubernetesScope): boolean {
  return uncovered([owner], wanted).length === 0;
}

describe('one rule against one permission', () => {
  it.each<[string, PlacedRule, KubernetesScope, boolean]>([
    ['the same', everywhere(rule('get', 'pods')), scope('get', 'pods'), true],
    ['another verb', everywhere(rule('list', 'pods')), scope('get', 'pods'), false],
    ['verb *', everywhere(rule('*', 'pods')), scope('impersonate', 'pods'), true],
    [
      'all verbs spelled out are not *',
      everywhere(rule('get,list,watch,create,update,patch,delete,deletecollection', 'pods')),
      scope('*', 'pods'),
      false,
    ],
    [
      'another group',
      everywhere(rule('get', 'deployments')),
      scope('get', 'deployments', { group: 'apps' }),
      false,
    ],
    [
      'group *',
      everywhere(rule('get', 'deployments', { apiGroups: ['*'] })),
      scope('get', 'deployments', { group: 'apps' }),
      true,
    ],
    [
      'any group needed, one held',
      everywhere(rule('get', 'pods')),
      scope('get', 'pods', { group: '*' }),
      false,
    ],
    ['resource * covers subresources', everywhere(rule('get', '*')), scope('get', 'pods/log'), true],
    ['pods does not cover pods/log', everywhere(rule('get', 'pods')), scope('get', 'pods/log'), false],
    ['pods/log does not cover pods', everywhere(rule('get', 'pods/log')), scope('get', 'pods'), false],
    ['*/log covers pods/log', everywhere(rule('get', '*/log')), scope('get', 'pods/log'), true],
    ['*/log does not cover pods', everywhere(rule('get', '*/log')), scope('get', 'pods'), false],
    ['pods/* is no pattern', everywhere(rule('get', 'pods/*')), scope('get', 'pods/log'), false],
    ['*/* is no pattern', everywhere(rule('get', '*/*')), scope('get', 'pods/log'), false],
    ['*s is no pattern', everywhere(rule('get', '*s')), scope('get', 'pods'), false],
    ['*/log covers a subresource of nothing', everywhere(rule('get', '*/log')), scope('get', '/log'), true],
    ['*/ covers nothing', everywhere(rule('get', '*/')), scope('get', 'pods/'), false],
    [
      'every name needed, one held',
      everywhere(rule('get', 'pods', { resourceNames: ['a'] })),
      scope('get', 'pods'),
      false,
    ],
    [
      'a held name',
      everywhere(rule('get', 'pods', { resourceNames: ['a', 'b'] })),
      scope('get', 'pods', { names: ['b'] }),
      true,
    ],
    [
      'a nameless request, a rule on names',
      everywhere(rule('list', 'pods', { resourceNames: ['a'] })),
      scope('list', 'pods', { names: [''] }),
      false,
    ],
    [
      'names are no patterns',
      everywhere(rule('get', 'pods', { resourceNames: ['*'] })),
      scope('get', 'pods', { names: ['a'] }),
      false,
    ],
    ['held in this namespace', inShop(rule('get', 'pods')), scope('get', 'pods'), true],
    [
      'held in another namespace',
      inShop(rule('get', 'pods')),
      scope('get', 'pods', { place: { namespace: 'dev' } }),
      false,
    ],
    [
      'needed everywhere, held in one',
      inShop(rule('get', 'pods')),
      scope('get', 'pods', { place: 'everywhere' }),
      false,
    ],
    [
      'a place that is not settled',
      inShop(rule('get', 'pods')),
      scope('get', 'pods', { place: 'own' }),
      false,
    ],
    ['a URL', everywhere(urls('get', '/metrics')), { kind: 'url', verbs: ['get'], url: '/metrics' }, true],
    [
      'a URL below a prefix',
      everywhere(urls('get', '/apis/*')),
      { kind: 'url', verbs: ['get'], url: '/apis/apps' },
      true,
    ],
    [
      '/apis/* is not /apis',
      everywhere(urls('get', '/apis/*')),
      { kind: 'url', verbs: ['get'], url: '/apis' },
      false,
    ],
    [
      'every * at the end is trimmed',
      everywhere(urls('get', '/apis**')),
      { kind: 'url', verbs: ['get'], url: '/apis/apps' },
      true,
    ],
    [
      'a * within is a letter',
      everywhere(urls('get', '/a*b*')),
      { kind: 'url', verbs: ['get'], url: '/a*bc' },
      true,
    ],
    [
      'a path is no prefix',
      everywhere(urls('get', '/api')),
      { kind: 'url', verbs: ['get'], url: '/apis' },
      false,
    ],
    [
      'one of several URLs',
      everywhere(urls('get', '/healthz', '/metrics')),
      { kind: 'url', verbs: ['get'], url: '/metrics' },
      true,
    ],
    [
      'a verb on a URL',
      everywhere(urls('post', '/metrics')),
      { kind: 'url', verbs: ['get'], url: '/metrics' },
      false,
    ],
    ['URL *', everywhere(urls('get', '*')), { kind: 'url', verbs: ['get'], url: '/x' }, true],
    [
      'a URL in a RoleBinding',
      inShop(urls('get', '/metrics')),
      { kind: 'url', verbs: ['get'], url: '/metrics' },
      false,
    ],
    [
      'a prefix needed, a longer one held',
      everywhere(urls('get', '/apis/apps*')),
      { kind: 'url', verbs: ['get'], url: '/apis/*' },
      false,
    ],
  ])('%s', (_, owner, wanted, yes) => {
    expect(covered(owner, wanted)).toBe(yes);
  });
});

describe('what is left over', () => {
  it('is the verbs that no rule gives', () => {
    const owners = [everywhere(rule('get', 'pods')), inShop(rule('list', 'pods'))];

    expect(uncovered(owners, scope('get,list,watch', 'pods'))).toEqual([scope('watch', 'pods')]);
  });

  it('keeps names that lack the same verbs together', () => {
    const owners = [everywhere(rule('get', 'secrets', { resourceNames: ['a'] }))];
    const left = uncovered(owners, scope('get,list', 'secrets', { names: ['a', 'b', 'c'] }));

    expect(left).toEqual([
      scope('list', 'secrets', { names: ['a'] }),
      scope('get,list', 'secrets', { names: ['b', 'c'] }),
    ]);
  });

  it('is the verbs on a URL that no rule gives', () => {
    const url: KubernetesScope = { kind: 'url', verbs: ['get', 'post'], url: '/logs' };

    expect(uncovered([everywhere(urls('get', '/logs'))], url)).toEqual([{ ...url, verbs: ['post'] }]);
  });

  it('is everything where there is no rule', () => {
    expect(uncovered([], scope('get', 'pods'))).toEqual([scope('get', 'pods')]);
  });

  it('is nothing of a permission that two rules give together, verb by verb', () => {
    expect(
      uncovered([everywhere(rule('get', '*')), everywhere(rule('list', 'pods'))], scope('get,list', 'pods')),
    ).toEqual([]);
  });
});

it('turns a scope into the rule that grants exactly it', () => {
  const named = scope('get', 'pods/log', { names: ['a'] });

  expect(uncovered([ruleOf(named)], named)).toEqual([]);
  expect(uncovered([ruleOf(named)], scope('get', 'pods/log'))).toHaveLength(1);
});

it.each<[string, KubernetesScope, PlacedRule]>([
  [
    'a URL',
    { kind: 'url', verbs: ['get'], url: '/logs' },
    {
      rule: { verbs: ['get'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ['/logs'] },
      namespace: undefined,
    },
  ],
  ['a namespace', scope('get', 'pods'), inShop(rule('get', 'pods'))],
  ['every namespace', scope('get', 'pods', { place: 'everywhere' }), everywhere(rule('get', 'pods'))],
  [
    'no namespace yet',
    scope('get', 'pods', { place: 'own' }),
    { ...inShop(rule('get', 'pods')), namespace: '' },
  ],
])('the rule of a scope on %s is where the scope is', (_, one, want) => {
  expect(ruleOf(one)).toEqual(want);
});
