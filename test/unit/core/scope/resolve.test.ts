import { describe, expect, it } from 'vitest';
import { parseScopes } from '../../../../src/core/scope/parse.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { resolveScopes } from '../../../../src/core/scope/resolve.ts';
import { createResources } from '../../../../src/core/scope/resources.ts';

const resources = createResources();
const ROLES = 'clusterroles.rbac.authorization.k8s.io';

function resolved(text: string) {
  const { scopes, notes } = resolveScopes(parseScopes(text).scopes, 'shop', resources);
  return { scopes: scopes.map(printScope), notes: notes.map(({ message }) => message) };
}

describe('resolveScopes places', () => {
  it.each([
    ['a namespaced resource in the own namespace', 'get pods', ['get pods in shop']],
    ['an unknown resource in the own namespace', 'get foo.example.com', ['get foo.example.com in shop']],
    ['every resource in the own namespace', 'get *', ['get * in shop']],
    ['every resource of a group in the own namespace', 'get *.node.k8s.io', ['get *.node.k8s.io in shop']],
    ['a subresource where its resource is', 'get pods/log', ['get pods/log in shop']],
    ['what has a place there', 'get pods in web', ['get pods in web']],
    ['what is everywhere there', 'get pods everywhere', ['get pods everywhere']],
    ['a cluster-scoped resource everywhere', 'get nodes', ['get nodes everywhere']],
    ['a subresource of it everywhere', 'get nodes/metrics', ['get nodes/metrics everywhere']],
    ['what the authorizer alone knows', 'impersonate users', ['impersonate users everywhere']],
    ['accounts to impersonate', 'impersonate serviceaccounts', ['impersonate serviceaccounts in shop']],
    [
      'a cluster-scoped resource of any group everywhere',
      'get clusterroles.*',
      ['get clusterroles.* everywhere'],
    ],
    ['a cluster-scoped resource with a place everywhere', 'get nodes in shop', ['get nodes everywhere']],
    ['every verb on it everywhere', `* ${ROLES} in shop`, [`* ${ROLES} everywhere`]],
    [
      'a custom verb without a place everywhere',
      `bind ${ROLES} named view`,
      [`bind ${ROLES} named view everywhere`],
    ],
    [
      'a custom verb with a place there',
      `bind ${ROLES} named view in web`,
      [`bind ${ROLES} named view in web`],
    ],
    [
      'custom and other verbs apart',
      `bind,get ${ROLES} named view in web`,
      [`get ${ROLES} named view everywhere`, `bind ${ROLES} named view in web`],
    ],
    [
      'Namespace objects each in its own namespace',
      'get,update namespaces named a,b',
      ['get,update namespaces named a in a', 'get,update namespaces named b in b'],
    ],
    [
      'their subresources too',
      'update namespaces/finalize named a',
      ['update namespaces/finalize named a in a'],
    ],
    ['whatever place they are given', 'get namespaces named a in web', ['get namespaces named a in a']],
    ['even everywhere', 'delete namespaces named a everywhere', ['delete namespaces named a in a']],
    [
      'lists, watches and other verbs on them everywhere',
      'get,list,watch,create namespaces named a',
      ['get namespaces named a in a', 'list,watch,create namespaces named a everywhere'],
    ],
    ['every verb on them everywhere', '* namespaces named a', ['* namespaces named a everywhere']],
    ['namespaces without names everywhere', 'get namespaces', ['get namespaces everywhere']],
    [
      'other subresources of namespaces everywhere',
      'get namespaces/x named a',
      ['get namespaces/x named a everywhere'],
    ],
    ['a URL as it is', 'get /metrics', ['get /metrics']],
    ['a Vault path as it is', 'vault read x', ['vault read x']],
  ])('%s', (_, text, expected) => {
    expect(resolved(text).scopes).toEqual(expected);
  });

  it('scopes that were never text, without notes', () => {
    const scopes = parseScopes('read pods\nget nodes').scopes.map(({ scope }) => scope);

    const { scopes: placed, notes } = resolveScopes(scopes, 'shop', resources);

    expect(placed.map(printScope)).toEqual(['read pods in shop', 'get nodes everywhere']);
    expect(notes).toEqual([]);
  });
});

describe('resolveScopes notes', () => {
  it.each([
    ['get deploymnts', '`deploymnts` is not a known resource; did you mean `deployments.apps`?'],
    ['get deployments', '`deployments` is not a known resource; did you mean `deployments.apps`?'],
    ['get foo.example.com', '`foo.example.com` is not a known resource'],
    [
      'get secrets/db-creds',
      '`secrets/db-creds` is not a known subresource; did you mean `get secrets named db-creds`?',
    ],
    [
      'get secrets/db-creds in web',
      '`secrets/db-creds` is not a known subresource; did you mean `get secrets named db-creds in web`?',
    ],
    ['get secrets/x named y', '`secrets/x` is not a known subresource'],
    ['get pods/logs', '`pods/logs` is not a known subresource; did you mean `pods/log`?'],
    ['get pods/*', '`pods/*` matches nothing: RBAC knows no `*` after `/`, so name the subresources'],
    ['get */*', '`*/*` matches nothing: RBAC knows no `*` after `/`, so name the subresources'],
    ['pods get', 'the verbs come first; did you mean `get pods`?'],
    ['deployments get', 'the verbs come first; did you mean `get deployments.apps`?'],
    ['GET pods', '`GET` is no verb of the API server; did you mean `get`?'],
    ['gte pods', '`gte` is no verb of the API server; did you mean `get`?'],
    ['read pods', '`read` is no verb of the API server; did you mean `get,list,watch`?'],
    ['view pods', '`view` is no verb of the API server; did you mean `get,list,watch`?'],
    ['write pods', '`write` is no verb of the API server; did you mean `create,update,patch,delete`?'],
    ['edit pods', '`edit` is no verb of the API server; did you mean `update,patch`?'],
    [
      'list /metrics',
      '`list` is no verb of a URL, which is asked for by HTTP method in lower case; did you mean `get`?',
    ],
    [
      'GET /metrics',
      '`GET` is no verb of a URL, which is asked for by HTTP method in lower case; did you mean `get`?',
    ],
    ['frob /metrics', '`frob` is no verb of a URL, which is asked for by HTTP method in lower case'],
    [
      'create pods named a',
      '`create` with `named` matches only a server-side apply: a POST is authorized before the object has a name',
    ],
    [
      'deletecollection pods named a',
      '`deletecollection` with `named` never matches: its requests have no name',
    ],
    [
      'watch,list pods named a',
      '`watch,list` with `named` matches only requests with the field selector `metadata.name=NAME`',
    ],
    ['get nodes in shop', '`nodes` is cluster-scoped, so `in` does not confine it: it counts everywhere'],
    [
      'get namespaces named a in web',
      '`namespaces` is authorized in the namespace that `named` names, not in `web`',
    ],
    ['get "\\u202e"', '`"\\u202e"` is not a known resource'],
  ])('%s', (text, note) => {
    expect(resolved(text).notes).toEqual([note]);
  });

  it.each([
    'get,list,watch,create,update,patch,delete,deletecollection pods',
    '* *',
    '* *.apps',
    'get */scale',
    'bind,escalate clusterroles.rbac.authorization.k8s.io named view',
    'impersonate users named a',
    'impersonate userextras.authentication.k8s.io/"example.com/x"',
    'impersonate:user-info users.authentication.k8s.io',
    'approve signers.certificates.k8s.io named "kubernetes.io/*"',
    'create pods/exec named api',
    'create serviceaccounts/token named api',
    'update deployments.apps/finalizers',
    'get nodes/metrics',
    'get namespaces named shop in shop',
    'get clusterroles.*',
    'frobnicate pods',
    'get,head,post,put,patch,delete,options /metrics',
    '* /metrics',
    'vault read secret/data/x',
  ])('nothing on %s', (text) => {
    expect(resolved(text).notes).toEqual([]);
  });

  it('where the expression is', () => {
    const { notes } = resolveScopes(parseScopes('get pods\n  get svc # c').scopes, 'shop', resources);

    expect(notes).toEqual([
      { line: 2, column: 3, message: '`svc` is not a known resource; did you mean `services`?' },
    ]);
  });

  it('everything about one line', () => {
    expect(resolved('read,list deploymnts named a').notes).toEqual([
      '`read` is no verb of the API server; did you mean `get,list,watch`?',
      '`deploymnts` is not a known resource; did you mean `deployments.apps`?',
      '`list` with `named` matches only requests with the field selector `metadata.name=NAME`',
    ]);
  });

  it('no more than twenty, and that there are more', () => {
    const exact = resolved(Array.from({ length: 20 }, () => 'get svc').join('\n')).notes;
    const many = resolved(Array.from({ length: 1000 }, () => 'get svc').join('\n'));

    expect(exact).toHaveLength(20);
    expect(exact).not.toContain('further notes are left out');
    expect(many.notes).toHaveLength(21);
    expect(many.notes.at(-1)).toBe('further notes are left out');
    expect(many.scopes).toHaveLength(1000);
  });
});
