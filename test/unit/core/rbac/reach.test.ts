import { expect, it } from 'vitest';
import { reachOf } from '../../../../src/core/rbac/reach.ts';
import { binding } from '../../../support/rbac.ts';

const account = (namespace: string, name: string) => [{ kind: 'account', account: { namespace, name } }];

it.each([
  ['shop/b', 'ServiceAccount:shop/api', account('shop', 'api')],
  ['shop/b', 'ServiceAccount:api', account('shop', 'api')],
  ['b', 'ServiceAccount:api', []],
  ['dev/b', 'ServiceAccount:shop/api', account('shop', 'api')],
  ['b', 'User:system:serviceaccount:shop:api', account('shop', 'api')],
  ['b', 'User:system:serviceaccount:shop', []],
  ['b', 'User:system:serviceaccount:shop:api:x', []],
  ['b', 'User:jane', []],
  ['b', 'Group:system:serviceaccounts:shop', [{ kind: 'namespace', namespace: 'shop' }]],
  ['b', 'Group:system:serviceaccounts', [{ kind: 'all' }]],
  ['b', 'Group:system:authenticated', [{ kind: 'all' }]],
  ['b', 'Group:system:unauthenticated', []],
  ['b', 'Group:admins', []],
  ['b', 'Robot:api', []],
  ['b', 'Robot:system:serviceaccounts', []],
  ['b', 'User:x:system:serviceaccount:shop:api', []],
  ['b', 'User:system:serviceaccount::api', []],
  ['b', 'User:system:serviceaccount:shop:', []],
  ['b', 'User:system:serviceaccounts:shop', []],
  ['b', 'Group:x:system:serviceaccounts:shop', []],
  ['b', 'Group:system:serviceaccounts:', []],
  ['b', 'Group:system:serviceaccounts:shop:api', []],
  ['b', 'Group:system:serviceaccount:shop:api', []],
])('binding %s reaches of %s: %j', (name, subject, want) => {
  expect(reachOf(binding(name, 'ClusterRole:view', subject))).toEqual(want);
});

it('reaches what any of its subjects is', () => {
  const both = binding(
    'b',
    'ClusterRole:view',
    'ServiceAccount:shop/api',
    'User:jane',
    'Group:system:authenticated',
  );

  expect(reachOf(both)).toEqual([...account('shop', 'api'), { kind: 'all' }]);
});

it('takes an empty namespace for none', () => {
  const { subjects, ...rest } = binding('shop/b', 'ClusterRole:view', 'ServiceAccount:api');

  expect(reachOf({ ...rest, subjects: subjects.map((one) => ({ ...one, namespace: '' })) })).toEqual(
    account('shop', 'api'),
  );
});
