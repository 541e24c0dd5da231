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
])('binding %s reaches of %s: %j', (name, subject, want) => {
  expect(reachOf(binding(name, 'ClusterRole:view', subject))).toEqual(want);
});
