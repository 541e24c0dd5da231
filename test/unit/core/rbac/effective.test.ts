import { describe, expect, it } from 'vitest';
import { effectiveScopes } from '../../../../src/core/rbac/effective.ts';
import type { PolicyRule } from '../../../../src/core/rbac/rules.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { rule, urls } from '../../../support/rbac.ts';
import { TEST_RESOURCES } from '../../../support/resources.ts';

const via = {
  binding: { kind: 'RoleBinding', namespace: 'shop', name: 'b' },
  role: { kind: 'ClusterRole', namespace: undefined, name: 'r' },
  through: undefined,
} as const;

function printed(one: PolicyRule, namespace?: string): readonly string[] {
  return [...effectiveScopes({ rule: one, namespace, via }, TEST_RESOURCES)].map(printScope);
}

describe('everywhere', () => {
  it('gives every group and resource, and the URLs', () => {
    const both = { ...rule('get', 'pods,nodes', { apiGroups: ['', 'apps'] }), nonResourceURLs: ['/metrics'] };

    expect(printed(both)).toEqual([
      'get pods everywhere',
      'get nodes everywhere',
      'get pods.apps everywhere',
      'get nodes.apps everywhere',
      'get /metrics',
    ]);
  });
});

describe('in a RoleBinding', () => {
  it.each([
    ['keeps namespaced resources', rule('get', 'pods'), ['get pods in shop']],
    [
      'keeps what it does not know',
      rule('get', 'widgets', { apiGroups: ['example.com'] }),
      ['get widgets.example.com in shop'],
    ],
    ['drops URLs', urls('get', '/metrics'), []],
    ['drops cluster-scoped resources', rule('get,list', 'nodes'), []],
    ['drops their subresources', rule('get', 'nodes/proxy'), []],
    ['keeps the wildcard', rule('*', '*'), ['* *.core in shop']],
    [
      'keeps the Namespace of that name',
      rule('get,list,create,delete', 'namespaces'),
      ['get,delete namespaces named shop in shop'],
    ],
    [
      'keeps it when named',
      rule('patch', 'namespaces', { resourceNames: ['shop', 'dev'] }),
      ['patch namespaces named shop in shop'],
    ],
    ['drops other Namespaces', rule('get', 'namespaces', { resourceNames: ['dev'] }), []],
    [
      'keeps custom verbs',
      rule('bind,get', 'clusterroles', { apiGroups: ['rbac.authorization.k8s.io'] }),
      ['bind clusterroles.rbac.authorization.k8s.io in shop'],
    ],
  ])('%s', (_, one, wanted) => {
    expect(printed(one, 'shop')).toEqual(wanted);
  });
});
