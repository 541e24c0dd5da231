import { describe, expect, it } from 'vitest';
import { overlaps } from '../../../../src/core/scope/overlap.ts';
import { parseScopes } from '../../../../src/core/scope/parse.ts';
import type { Scope } from '../../../../src/core/scope/scope.ts';

function one(text: string): Scope {
  const { scopes, problems } = parseScopes(text);
  expect(problems).toEqual([]);
  const [first] = scopes;
  if (first === undefined) throw new Error(`no scope in ${text}`);
  return first.scope;
}

describe('a pattern touches a scope', () => {
  it.each([
    ['get secrets', 'get secrets in shop'],
    ['get,list secrets', 'list,watch secrets everywhere'],
    ['get secrets', '* secrets in shop'],
    ['get secrets', 'get *.core in shop'],
    ['get secrets', 'get * in shop'],
    ['get secrets', 'get secrets named a in shop'],
    ['get secrets in kube-system', 'get secrets everywhere'],
    ['get secrets in kube-system', 'get secrets in kube-system'],
    ['* * everywhere', '* * everywhere'],
    ['any nodes/proxy', 'get nodes/proxy everywhere'],
    ['any nodes/proxy', 'get */proxy everywhere'],
    ['create any/exec', 'create pods/exec in shop'],
    ['any any.apps', 'delete deployments.apps in shop'],
    ['impersonate any.any', 'impersonate users everywhere'],
    ['get /metrics', 'get /*'],
    ['any url "any"', 'get /metrics'],
    ['vault read secret/data/*', 'vault read,list secret/data/shop/db'],
    ['vault read secret/data/+/admin', 'vault read secret/data/shop/admin'],
    ['vault read secret/data/shop/admin', 'vault read secret/+/shop/*'],
  ])('%s ~ %s', (pattern, scope) => {
    expect(overlaps(one(pattern), one(scope))).toBe(true);
  });
});

describe('a pattern does not touch a scope', () => {
  it.each([
    ['get secrets', 'list secrets in shop'],
    ['get secrets', 'get pods in shop'],
    ['get secrets', 'get secrets.apps in shop'],
    ['get secrets everywhere', 'get secrets in shop'],
    ['get secrets in kube-system', 'get secrets in shop'],
    ['* secrets', 'get,list secrets in shop'],
    ['* * everywhere', '* secrets everywhere'],
    ['any pods', 'get pods/log in shop'],
    ['any pods/log', 'get pods in shop'],
    ['get /metrics', 'get pods in shop'],
    ['get /metrics', 'get /livez'],
    ['vault read secret/data/*', 'vault list secret/data/shop'],
    ['vault read secret/data/+/admin', 'vault read secret/data/shop/user'],
    ['vault read secret/data/+', 'vault read secret/data/shop/db'],
    ['vault read secret/data', 'get secrets'],
  ])('%s ~ %s', (pattern, scope) => {
    expect(overlaps(one(pattern), one(scope))).toBe(false);
  });
});
