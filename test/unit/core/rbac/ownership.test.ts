import { describe, expect, it } from 'vitest';
import { isStock, touched, writerOf } from '../../../../src/core/rbac/ownership.ts';
import type { Role } from '../../../../src/core/rbac/rules.ts';
import { binding, clusterRole, role } from '../../../support/rbac.ts';

describe('a role that comes with the cluster', () => {
  it.each<[string, Role, boolean]>([
    ['is a ClusterRole of the bootstrap policy', clusterRole('view'), true],
    [
      'is a Role of the bootstrap policy',
      role('kube-system/extension-apiserver-authentication-reader'),
      true,
    ],
    ['is any of the system', role('shop/system:x'), true],
    ['is not one of another name', clusterRole('viewer'), false],
    ['is not a Role with the name of a ClusterRole', role('shop/view'), false],
    ['is not that Role in another namespace', role('shop/extension-apiserver-authentication-reader'), false],
    [
      'is not a ClusterRole with the name of a Role',
      clusterRole('extension-apiserver-authentication-reader'),
      false,
    ],
    ['is not one that has `system:` further on', clusterRole('not-system:x'), false],
  ])('%s', (_, one, want) => {
    expect(isStock(one)).toBe(want);
  });
});

describe('the tool that writes an object again', () => {
  const managed = (tool: string, instance?: string) => ({
    'app.kubernetes.io/managed-by': tool,
    ...(instance !== undefined && { 'app.kubernetes.io/instance': instance }),
  });

  it.each([
    ['nobody without labels', {}, undefined],
    ['Flux', { 'kustomize.toolkit.fluxcd.io/name': 'shop' }, 'the Flux Kustomization shop'],
    [
      'Flux, for Helm',
      { 'helm.toolkit.fluxcd.io/name': 'shop', ...managed('Helm') },
      'the Flux HelmRelease shop',
    ],
    ['nobody by an instance alone', { 'app.kubernetes.io/instance': 'shop' }, undefined],
    ['nobody by an empty label', { 'argocd.argoproj.io/instance': '', ...managed('') }, undefined],
    ['another tool, with its instance or without', managed('pulumi', 'shop'), 'pulumi'],
    ['Helm, whose release is not named', managed('Helm', ''), 'a Helm release'],
    ['Helm, on one line', managed('Helm', 'a\nb'), 'the Helm release a\\u000ab'],
    ['another tool, on one line', managed('a\nb'), 'a\\u000ab'],
    ['Argo CD, on one line', { 'argocd.argoproj.io/instance': 'a\nb' }, 'the Argo CD application a\\u000ab'],
  ])('is %s', (_, labels, want) => {
    expect(writerOf(labels)).toBe(want);
  });
});

describe('whom a change touches', () => {
  const bound = (...subjects: string[]) => binding('b', 'ClusterRole:view', ...subjects);
  const groups = (...namespaces: string[]) =>
    namespaces.map((name) => `Group:system:serviceaccounts:${name}`);

  it.each<[string, readonly string[], string]>([
    ['nobody', [], 'nobody'],
    ['one account', ['ServiceAccount:shop/api'], '1 account'],
    [
      'an account once, in two spellings',
      ['ServiceAccount:shop/api', 'User:system:serviceaccount:shop:api'],
      '1 account',
    ],
    [
      'accounts of the same name in two namespaces',
      ['ServiceAccount:shop/api', 'ServiceAccount:dev/api'],
      '2 accounts',
    ],
    ['somebody else', ['User:jane'], '1 other subject'],
    ['some others', ['User:jane', 'Group:admins', 'ServiceAccount:shop/api'], '1 account, 2 other subjects'],
    ['a namespace, once', groups('shop', 'shop'), 'every service account of shop'],
    [
      'three namespaces at most, by name',
      groups('a', 'b', 'c', 'd'),
      'every service account of a, every service account of b, every service account of c',
    ],
    [
      'everybody, whoever else',
      ['Group:system:authenticated', 'User:jane'],
      'every service account of the cluster',
    ],
    ['a namespace, on one line', groups('a\nb'), 'every service account of a\\u000ab'],
  ])('is %s', (_, subjects, want) => {
    expect(touched([bound(...subjects)])).toBe(want);
  });

  it('is all of several bindings together', () => {
    expect(
      touched([bound('ServiceAccount:shop/api', 'User:jane'), bound('ServiceAccount:shop/api', 'User:omar')]),
    ).toBe('1 account, 2 other subjects');
  });
});
