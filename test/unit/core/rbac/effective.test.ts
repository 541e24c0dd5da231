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

  it('gives a Namespace where it is asked for: by name in itself, in a list everywhere', () => {
    expect(printed(rule('get,list', 'namespaces', { resourceNames: ['dev', 'shop'] }))).toEqual([
      'get namespaces named dev in dev',
      'get namespaces named shop in shop',
      'list namespaces named dev,shop everywhere',
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
    [
      'keeps its status and its finalizers, and no other part of it',
      rule('update', 'namespaces/status,namespaces/finalize,namespaces/log'),
      ['update namespaces/status named shop in shop', 'update namespaces/finalize named shop in shop'],
    ],
    ['drops lists of Namespaces', rule('list,watch,create', 'namespaces'), []],
    [
      'keeps custom verbs on every Namespace that is named, and the rest on its own',
      rule('use,get', 'namespaces', { resourceNames: ['dev', 'shop'] }),
      ['use namespaces named dev,shop in shop', 'get namespaces named shop in shop'],
    ],
    ['keeps every verb, which may be a custom one', rule('*', 'nodes'), ['* nodes in shop']],
    ['keeps the wildcard with a part', rule('get', '*/status'), ['get *.core/status in shop']],
    ['keeps parts of namespaced resources', rule('get', 'pods/log'), ['get pods/log in shop']],
    [
      'drops what is cluster-scoped, and keeps the rest',
      rule('get', 'nodes,pods,namespaces'),
      ['get pods in shop', 'get namespaces named shop in shop'],
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
