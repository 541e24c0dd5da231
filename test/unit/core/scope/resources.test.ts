import { describe, expect, it } from 'vitest';
import { createResources } from '../../../../src/core/scope/resources.ts';

const CRD = { group: 'example.com', resource: 'widgets', namespaced: true, subresources: ['status'] };
const resources = createResources([
  CRD,
  { group: 'example.org', resource: 'widgets', namespaced: false, subresources: ['scale'] },
]);

describe('createResources', () => {
  it.each([
    ['', 'pods', true],
    ['', 'nodes', false],
    ['', 'namespaces', false],
    ['apps', 'deployments', true],
    ['rbac.authorization.k8s.io', 'clusterroles', false],
    ['rbac.authorization.k8s.io', 'roles', true],
    ['', 'users', false],
    ['', 'groups', false],
    ['', 'serviceaccounts', true],
    ['authentication.k8s.io', 'uids', false],
    ['authentication.k8s.io', 'userextras', false],
    ['certificates.k8s.io', 'signers', false],
    ['metrics.k8s.io', 'nodes', false],
    ['metrics.k8s.io', 'pods', true],
    ['countersign.dev', 'accessdecisions', true],
    ['countersign.dev', 'accessgrants', true],
    ['countersign.dev', 'denials', true],
    ['countersign.dev', 'scopepolicies', false],
    ['example.com', 'widgets', true],
    ['*', 'pods', true],
    ['*', 'deployments', true],
    ['*', 'clusterroles', false],
    ['*', 'widgets', true],
    ['', 'deployments', undefined],
    ['', 'pods/log', undefined],
    ['', '*', undefined],
    ['', 'podsecuritypolicies', undefined],
    ['*', 'nothing', undefined],
    ['__proto__', 'constructor', undefined],
    ['', '__proto__', undefined],
    ['', 'toString', undefined],
  ])('knows whether %j %j is namespaced: %j', (group, resource, namespaced) => {
    expect(resources.namespaced(group, resource)).toBe(namespaced);
  });

  it.each([
    ['', 'pods', ['exec', 'log', 'portforward', 'attach', 'eviction', 'resize', 'ephemeralcontainers']],
    ['', 'nodes', ['proxy', 'metrics', 'stats', 'log', 'spec', 'healthz', 'pods', 'configz']],
    ['', 'serviceaccounts', ['token']],
    ['apps', 'deployments', ['scale', 'status']],
    ['certificates.k8s.io', 'certificatesigningrequests', ['approval']],
    ['authentication.k8s.io', 'userextras', ['*']],
    ['countersign.dev', 'accessgrants', ['status']],
    ['countersign.dev', 'denials', ['status']],
    ['countersign.dev', 'scopepolicies', ['status']],
    ['*', 'widgets', ['status', 'scale']],
  ])('knows subresources of %j %j', (group, resource, subresources) => {
    expect(resources.subresources(group, resource)).toEqual(expect.arrayContaining(subresources));
  });

  it('tells a resource without subresources from one that is not known', () => {
    expect(resources.subresources('', 'secrets')).toEqual([]);
    expect(resources.subresources('countersign.dev', 'accessdecisions')).toEqual([]);
    expect(resources.subresources('', 'nothing')).toBeUndefined();
  });

  it('counts an input once that comes twice', () => {
    const entry = { group: 'a.example', resource: 'things', namespaced: true, subresources: ['status'] };
    const twice = createResources([entry, { ...entry, group: 'b.example' }, entry, entry]);

    expect(twice.subresources('a.example', 'things')).toEqual(['status']);
    expect(twice.subresources('*', 'things')).toEqual(['status', 'status']);
  });

  it('lets no input redefine what is built in', () => {
    const hostile = createResources([
      { group: '', resource: 'secrets', namespaced: false, subresources: ['x'] },
      { ...CRD, group: '__proto__', resource: '__proto__' },
      { ...CRD, group: '__proto__', resource: '__proto__', namespaced: false },
    ]);

    expect(hostile.namespaced('', 'secrets')).toBe(true);
    expect(hostile.subresources('', 'secrets')).toEqual([]);
    expect(hostile.namespaced('__proto__', '__proto__')).toBe(true);
  });
});

describe('nearest', () => {
  it.each([
    ['another group has it', '', 'deployments', 'deployments.apps'],
    ['the group is wrong', 'batch', 'deployments', 'deployments.apps'],
    ['the group is of old', 'extensions', 'ingresses', 'ingresses.networking.k8s.io'],
    ['the group is misspelled', 'networking.k8s.oi', 'ingresses', 'ingresses.networking.k8s.io'],
    ['the group has a version', 'v1.apps', 'deployments', 'deployments.apps'],
    ['the group has a version of two digits', 'v10.apps', 'deployments', 'deployments.apps'],
    ['the group has a beta version', 'v1beta12.apps', 'deployments', 'deployments.apps'],
    ['another group has one of that name too', 'events.k8s.io', 'event', 'events.events.k8s.io'],
    ['a resource of another group is as near', 'batch', 'pobs', 'jobs.batch'],
    ['the group is a version', 'v1', 'pod', 'pods'],
    ['the group is a word of its own, and it is misspelled', 'workloads', 'deploymnts', 'deployments.apps'],
    ['it is any group', '*', 'deploymnts', 'deployments.apps'],
    ['it is misspelled', '', 'secerts', 'secrets'],
    ['it is misspelled in its group', 'apps', 'replicaset', 'replicasets.apps'],
    ['it is a short name', '', 'svc', 'services'],
    ['it is a short name of another group', '', 'netpol', 'networkpolicies.networking.k8s.io'],
    ['it is a kind', '', 'StatefulSet', 'statefulsets.apps'],
    ['it is a singular', '', 'ingress', 'ingresses.networking.k8s.io'],
    ['it is a CRD', '', 'widget', 'widgets.example.com'],
    ['it is impersonated', '', 'userextras', 'userextras.authentication.k8s.io'],
  ])('is found when %s', (_, group, resource, expected) => {
    expect(resources.nearest(group, resource)).toBe(expected);
  });

  it.each([
    ['nothing is near', '', 'frobnicators'],
    ['the group is of another API', 'cert-manager.io', 'secrets'],
    ['there is a version within the group', 'av1.apps', 'deployments'],
    ['the name is of the language', '', '__proto__'],
    ['the name is huge', '', 'pods'.repeat(10_000)],
  ])('is nothing when %s', (_, group, resource) => {
    expect(resources.nearest(group, resource)).toBeUndefined();
  });
});

it('is found in a group that is itself too long to search for', () => {
  const group = `${'a'.repeat(60)}.example.com`;
  const long = createResources([{ ...CRD, group }]);

  expect(long.nearest(group, 'widget')).toBe(`widgets.${group}`);
});
