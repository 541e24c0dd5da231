import { expect, it } from 'vitest';
import type { PolicyRule } from '../../../../src/core/rbac/rules.ts';
import { scopesOfRule } from '../../../../src/core/scope/from-rule.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import type { Place } from '../../../../src/core/scope/scope.ts';

const EMPTY: PolicyRule = { verbs: [], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };

it.each<[string, Partial<PolicyRule>, Place, readonly string[]]>([
  [
    'one scope for each group and resource',
    {
      verbs: ['list', 'get'],
      apiGroups: ['', 'apps'],
      resources: ['pods', 'pods/log'],
      resourceNames: ['b', 'a'],
    },
    'everywhere',
    [
      'list,get pods named b,a everywhere',
      'list,get pods/log named b,a everywhere',
      'list,get pods.apps named b,a everywhere',
      'list,get pods.apps/log named b,a everywhere',
    ],
  ],
  [
    'one scope for each URL',
    { verbs: ['get'], nonResourceURLs: ['/a', '*'] },
    'everywhere',
    ['get /a', 'get url "*"'],
  ],
  ['URLs of the workload itself', { verbs: ['get'], nonResourceURLs: ['/a'] }, 'own', ['get /a']],
  ['no URL in a namespace', { verbs: ['get'], nonResourceURLs: ['/a'] }, { namespace: 'shop' }, []],
  [
    'nothing without verbs',
    { apiGroups: [''], resources: ['pods'], nonResourceURLs: ['/a'] },
    'everywhere',
    [],
  ],
  ['nothing without groups', { verbs: ['get'], resources: ['pods'] }, 'everywhere', []],
])('a rule gives %s', (_, rule, place, expected) => {
  expect([...scopesOfRule({ ...EMPTY, ...rule }, place)].map(printScope)).toEqual(expected);
});

it('a rule that multiplies to millions costs only what is taken', () => {
  const many = Array.from({ length: 5000 }, (_, index) => `x${index}`);
  const scopes = scopesOfRule({ ...EMPTY, verbs: ['get'], apiGroups: many, resources: many }, 'everywhere');

  expect(scopes.next().value).toMatchObject({ group: 'x0', resource: 'x0' });
});
