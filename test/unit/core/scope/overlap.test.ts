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
    ['get,list secrets', 'list secrets in shop'],
    ['any pods/any', 'get pods/log in shop'],
    ['any pods/any', 'get */log in shop'],
    ['get pods/log', 'get pods/log in shop'],
    ['get secrets', 'get secrets in shop'],
    ['get secrets', 'get secrets'],
    ['get /metrics', 'get /metrics'],
    ['get /metrics/*', 'get /metrics/cadvisor'],
    ['get /metrics/cadvisor', 'get /metrics/*'],
    ['get secrets', 'get *.core in shop'],
    ['get secrets', 'get * in shop'],
    ['get secrets', 'get secrets named a in shop'],
    ['get secrets in kube-system', 'get secrets everywhere'],
    ['get secrets in kube-system', 'get secrets in kube-system'],
    ['* * everywhere', '* * everywhere'],
    ['any nodes/proxy', 'get nodes/proxy everywhere'],
    ['any nodes/proxy', 'get */proxy everywhere'],
    ['create any/exec', 'create pods/exec in shop'],
    ['get any/metrics', 'get ""/metrics in shop'],
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
    ['get secrets', 'vault read secret/data'],
    ['get pods', 'get /metrics'],
    ['any pods/any', 'get pods in shop'],
    ['any any/pods', 'get pods in shop'],
    ['any pods/any', 'get secrets/log in shop'],
    ['any pods/any', 'get secrets/pods in shop'],
    ['any any/exec', 'get pods/log in shop'],
    ['any pods/log', 'get pods/exec in shop'],
    ['any pods/log', 'get nodes/log everywhere'],
    ['any any.apps', 'get jobs.batch in shop'],
    ['get *.*', 'get pods in shop'],
    ['get secrets in kube-system', 'get secrets'],
    ['get secrets everywhere', 'get secrets'],
    ['get /metrics', 'get /metricsx'],
    ['get /metricsx', 'get /metrics'],
    ['get /a/*', 'get /b/*'],
    ['get secrets', 'get pods in shop'],
    ['get secrets', 'get secrets.apps in shop'],
    ['get secrets everywhere', 'get secrets in shop'],
    ['get secrets in kube-system', 'get secrets in shop'],
    ['* secrets', 'get,list secrets in shop'],
    ['* * everywhere', '* secrets everywhere'],
    ['any pods', 'get pods/log in shop'],
    ['any pods/log', 'get pods in shop'],
    ['get /metrics', 'get pods in shop'],
    ['any any.any', 'get /metrics'],
    ['get /metrics', '* * everywhere'],
    ['get /metrics', 'get /livez'],
    ['vault read secret/data/*', 'vault list secret/data/shop'],
    ['vault read secret/data/+/admin', 'vault read secret/data/shop/user'],
    ['vault read secret/data/+', 'vault read secret/data/shop/db'],
    ['vault read secret/data', 'get secrets'],
  ])('%s ~ %s', (pattern, scope) => {
    expect(overlaps(one(pattern), one(scope))).toBe(false);
  });
});

describe('two Vault patterns have a path in common', () => {
  const vault = (path: string, ...capabilities: string[]): Scope => ({ kind: 'vault', capabilities, path });

  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a', false],
    ['a/+', 'a', false],
    ['a/*', 'a', false],
    ['a/b', 'a/c', false],
    ['a/+', 'a/b', true],
    ['a/+', '+/b', true],
    ['+/x', 'a/b', false],
    ['a/+', 'a/b/c', false],
    ['a*', 'abc', true],
    ['a*', 'abc/d', true],
    ['a*', 'bc', false],
    ['abc*', 'a*', true],
    ['abx*', 'aby*', false],
    ['a/b*', 'a/+', true],
    ['a/b*', 'a/c', false],
    ['a/b*', 'a/+/c', true],
    ['*', 'a/b/c', true],
    // A star counts at the very end only; elsewhere it is a letter.
    ['a*/b', 'ab/b', false],
    ['a*/b', 'a*/b', true],
    ['a*b*', 'a*bc', true],
    ['*a', 'ba', false],
    ['a/*b', 'a/cb', false],
  ])('%s and %s: %j', (left, right, want) => {
    expect(overlaps(vault(left, 'read'), vault(right, 'read'))).toBe(want);
    expect(overlaps(vault(right, 'read'), vault(left, 'read'))).toBe(want);
  });

  it.each([
    ['a/*', 'a', true],
    ['a/', 'a', true],
    ['a/+', 'a', true],
    ['a/b/', 'a/+', true],
    ['a/b/', 'a', false],
    ['a/b', 'a', false],
  ])('when they are listed, with a slash at the end or without: %s and %s: %j', (left, right, want) => {
    expect(overlaps(vault(left, 'list'), vault(right, 'list'))).toBe(want);
    expect(overlaps(vault(right, 'list'), vault(left, 'list'))).toBe(want);
  });

  it('for a capability of both, or for any', () => {
    expect(overlaps(vault('a', 'read', 'list'), vault('a', 'list', 'sudo'))).toBe(true);
    expect(overlaps(vault('a', 'any'), vault('a', 'sudo'))).toBe(true);
    expect(overlaps(vault('a', 'read'), vault('a', 'any'))).toBe(false);
    expect(overlaps(vault('a', 'any'), vault('a', 'deny'))).toBe(false);
  });
});

describe('a scope without verbs', () => {
  const nothing: Scope = { kind: 'url', verbs: [], url: '/metrics' };
  const everything: Scope = { kind: 'url', verbs: ['*'], url: '/metrics' };

  it('is touched by nothing, and as a pattern touches nothing', () => {
    expect(overlaps({ ...everything, verbs: ['any'] }, nothing)).toBe(false);
    expect(overlaps(nothing, everything)).toBe(false);
  });
});
