import { describe, expect, it } from 'vitest';
import { parseScopes } from '../../../../src/core/scope/parse.ts';
import { PRESETS } from '../../../../src/core/scope/presets.ts';
import { lowered, RISKS, riskOf } from '../../../../src/core/scope/risk.ts';
import { RISK_TABLE } from '../../../../src/core/scope/risk-table.ts';

function risk(text: string): string {
  const [first] = parseScopes(text).scopes;
  return first === undefined ? 'unreadable' : riskOf(first.scope).risk;
}

describe('the table', () => {
  it.each(
    Object.values(RISK_TABLE)
      .flat()
      .map((row) => [row.pattern, row] as const),
  )('is readable and says why: %s', (pattern, row) => {
    expect(parseScopes(pattern)).toMatchObject({ problems: [], scopes: [{}] });
    expect(row.reason).not.toBe('');
    expect(row.source).not.toBe('');
  });

  it.each(Object.values(PRESETS).flat())('has readable presets: %s', (line) => {
    expect(parseScopes(line).problems).toEqual([]);
  });
});

describe('the risk of a scope', () => {
  it.each([
    ['* * everywhere', 'critical'],
    ['* * in shop', 'critical'],
    ['get * everywhere', 'critical'],
    ['get * in shop', 'high'],
    ['* secrets everywhere', 'critical'],
    ['list secrets everywhere', 'critical'],
    ['list secrets in shop', 'high'],
    ['get secrets named db in shop', 'medium'],
    ['watch secrets in kube-system', 'critical'],
    ['escalate clusterroles.rbac.authorization.k8s.io everywhere', 'critical'],
    ['bind clusterroles.rbac.authorization.k8s.io named view in shop', 'high'],
    ['bind clusterroles.rbac.authorization.k8s.io everywhere', 'critical'],
    ['create rolebindings.rbac.authorization.k8s.io in shop', 'critical'],
    ['impersonate users everywhere', 'critical'],
    ['impersonate users named jane everywhere', 'high'],
    ['impersonate userextras.authentication.k8s.io/team everywhere', 'critical'],
    ['get nodes/proxy everywhere', 'critical'],
    ['get */proxy everywhere', 'critical'],
    ['create serviceaccounts/token in shop', 'high'],
    ['create serviceaccounts/token everywhere', 'critical'],
    ['create pods in shop', 'high'],
    ['create pods in kube-system', 'critical'],
    ['update deployments.apps in shop', 'high'],
    ['create pods/exec in shop', 'high'],
    ['patch validatingwebhookconfigurations.admissionregistration.k8s.io everywhere', 'critical'],
    ['patch validatingwebhookconfigurations.admissionregistration.k8s.io named ours everywhere', 'high'],
    ['create accessdecisions.countersign.dev in shop', 'critical'],
    ['patch namespaces everywhere', 'high'],
    ['update services in shop', 'medium'],
    ['delete widgets.example.com in shop', 'medium'],
    ['get pods in shop', 'low'],
    ['get,list,watch configmaps everywhere', 'low'],
    ['get /metrics', 'low'],
    ['vault sudo sys/raw', 'critical'],
    ['vault update auth/kubernetes/role/x', 'critical'],
    ['vault update secret/data/shop/*', 'high'],
    ['vault read secret/data/*', 'medium'],
    ['vault read secret/data/shop/db', 'low'],
  ])('%s is %s', (text, wanted) => {
    expect(risk(text)).toBe(wanted);
  });
});

it('counts one level lower, but never below low', () => {
  expect(RISKS.map(lowered)).toEqual(['high', 'medium', 'low', 'low']);
});
