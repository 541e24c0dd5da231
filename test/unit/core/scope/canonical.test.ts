import { describe, expect, it } from 'vitest';
import { canonical, compareText } from '../../../../src/core/scope/canonical.ts';
import type { ResourceScope, UrlScope, VaultScope } from '../../../../src/core/scope/scope.ts';
import {
  NAMESPACE_OBJECT_VERBS,
  NAMESPACE_OBJECTS,
  REQUEST_VERBS,
} from '../../../../src/core/scope/verbs.ts';

const RESOURCE: ResourceScope = {
  kind: 'resource',
  verbs: ['get'],
  group: '',
  resource: 'pods',
  names: [],
  place: 'own',
};
const URL: UrlScope = { kind: 'url', verbs: ['get'], url: '/metrics' };
const VAULT: VaultScope = { kind: 'vault', capabilities: ['read'], path: 'secret/data/db' };

describe('the one form of a scope', () => {
  it.each([
    ['watch,list,get', 'get,list,watch'],
    ['deletecollection,delete,patch,update,create', 'create,update,patch,delete,deletecollection'],
    ['get,*', '*,get'],
    ['create,watch', 'watch,create'],
    ['use,impersonate,bind,deletecollection', 'deletecollection,bind,impersonate,use'],
    ['get,get,list,get', 'get,list'],
    ['bind,get', 'get,bind'],
  ])('has the verbs %s as %s', (written, want) => {
    const verbs = written.split(',');

    expect(canonical({ ...RESOURCE, verbs })).toEqual({ ...RESOURCE, verbs: want.split(',') });
    expect(canonical({ ...URL, verbs })).toEqual({ ...URL, verbs: want.split(',') });
  });

  it('has names sorted by what they are, whatever their words', () => {
    const names = ['watch', 'get', 'b', 'a', 'b', 'Z'];

    expect(canonical({ ...RESOURCE, names })).toEqual({
      ...RESOURCE,
      names: ['Z', 'a', 'b', 'get', 'watch'],
    });
  });

  it.each([
    ['list,delete,patch,update,read,create', 'create,read,update,patch,delete,list'],
    ['sudo,deny,list,list', 'list,deny,sudo'],
    ['sudo,read', 'read,sudo'],
  ])('has the capabilities %s as %s', (written, want) => {
    expect(canonical({ ...VAULT, capabilities: written.split(',') })).toEqual({
      ...VAULT,
      capabilities: want.split(','),
    });
  });

  it('is not made anew for a list of one', () => {
    expect(canonical(RESOURCE).verbs).toBe(RESOURCE.verbs);
  });
});

it.each([
  ['a', 'a', 0],
  ['a', 'b', -1],
  ['b', 'a', 1],
  ['B', 'a', -1],
  ['ä', 'z', 1],
  ['a', 'aa', -1],
])('%s against %s is %i, on every machine', (a, b, want) => {
  expect(compareText(a, b)).toBe(want);
});

it('knows the verbs that requests carry, and those on one Namespace object', () => {
  expect(REQUEST_VERBS.join()).toBe('get,list,watch,create,update,patch,delete,deletecollection');
  expect(NAMESPACE_OBJECT_VERBS.join()).toBe('get,update,patch,delete');
  expect(NAMESPACE_OBJECTS.join()).toBe('namespaces,namespaces/status,namespaces/finalize');
});
