import { describe, expect, it } from 'vitest';
import { overlaps } from '../../../../src/core/scope/overlap.ts';
import { parseScopes } from '../../../../src/core/scope/parse.ts';
import { PRESETS } from '../../../../src/core/scope/presets.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { riskOf } from '../../../../src/core/scope/risk.ts';
import type { Scope } from '../../../../src/core/scope/scope.ts';

function scopes(lines: readonly string[]): readonly Scope[] {
  const { scopes: parsed, problems } = parseScopes(lines.join('\n'));
  expect(problems).toEqual([]);
  return parsed.map(({ scope }) => scope);
}

function forbids(preset: string, line: string): boolean {
  const [scope] = scopes([line]);
  if (scope === undefined) throw new Error(`no scope in ${line}`);
  return scopes(PRESETS[preset] ?? []).some((pattern) => overlaps(pattern, scope));
}

/** One scope for each verb of each line: held where the line says, else in one namespace. */
const ESCALATIONS = scopes(PRESETS['escalation'] ?? []).flatMap((scope) => {
  if (scope.kind !== 'resource') throw new Error('not a resource');
  const place = scope.place === 'own' ? { namespace: 'shop' } : scope.place;
  const resource = scope.resource === 'any' ? '*' : scope.resource;
  return scope.verbs.map(
    (verb) =>
      [verb, resource, { ...scope, verbs: [verb === 'any' ? 'get' : verb], resource, place }] as const,
  );
});

describe('the presets', () => {
  it.each(Object.entries(PRESETS))('can be read: %s', (_, lines) => {
    expect(scopes(lines)).toHaveLength(lines.length);
  });

  it.each(ESCALATIONS)(
    'count as escalation only what is critical or high: %s %s',
    (_verb, _resource, scope) => {
      expect(['critical', 'high']).toContain(riskOf(scope).risk);
    },
  );

  it.each([
    ['impersonate:user-info users.authentication.k8s.io everywhere', true],
    ['impersonate:serviceaccount serviceaccounts.authentication.k8s.io named ci in shop', true],
    ['impersonate:associated-node nodes.authentication.k8s.io named "*" everywhere', true],
    ['impersonate userextras.authentication.k8s.io/scopes everywhere', true],
    ['impersonate serviceaccounts in shop', true],
    ['* users everywhere', true],
    ['bind clusterroles.rbac.authorization.k8s.io named view in shop', true],
    ['create */token in shop', true],
    ['patch *.certificates.k8s.io/approval everywhere', true],
    ['create podcertificaterequests.certificates.k8s.io in shop', true],
    ['get */proxy everywhere', true],
    ['bind rolebindings.rbac.authorization.k8s.io in shop', false],
    ['get,list,watch roles.rbac.authorization.k8s.io everywhere', false],
    ['impersonate-on:user-info:get pods everywhere', false],
    [
      'get,patch mutatingwebhookconfigurations.admissionregistration.k8s.io named countersign everywhere',
      false,
    ],
    ['get,list secrets everywhere', false],
    ['create pods everywhere', false],
    ['get nodes/metrics everywhere', false],
  ])('forbid as escalation: %s is %s', (line, wanted) => {
    expect(forbids('escalation', line)).toBe(wanted);
  });

  it.each([
    ['list secrets everywhere', true],
    ['watch secrets named db everywhere', true],
    ['list secrets in shop', false],
    ['create secrets everywhere', false],
  ])('forbid as secrets-everywhere: %s is %s', (line, wanted) => {
    expect(forbids('secrets-everywhere', line)).toBe(wanted);
  });

  it('allow everything of the own namespace, whose name the policy fills in', () => {
    expect(scopes(PRESETS['own-namespace'] ?? []).map(printScope)).toEqual(['* * in {namespace}']);
  });

  it('leave room for our own account, whose webhook configuration is a high risk and no escalation', () => {
    const [own] = scopes([
      'get,patch mutatingwebhookconfigurations.admissionregistration.k8s.io named countersign everywhere',
    ]);
    expect(own && riskOf(own).risk).toBe('high');
    expect(
      forbids(
        'admission',
        'patch validatingwebhookconfigurations.admissionregistration.k8s.io named countersign everywhere',
      ),
    ).toBe(true);
  });
});
