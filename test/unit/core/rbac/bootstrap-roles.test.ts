import { expect, it } from 'vitest';
import { selects } from '../../../../src/core/labels.ts';
import { sameRules } from '../../../../src/core/rbac/aggregation.ts';
import { BASELINE } from '../../../../src/core/rbac/baseline.ts';
import { bootstrapRoles } from '../../../../src/core/rbac/bootstrap-roles.ts';
import { scopesOfRule } from '../../../../src/core/scope/from-rule.ts';
import { printScope } from '../../../../src/core/scope/print.ts';

const roles = bootstrapRoles();

function scopesOf(name: string): readonly string[] {
  const rules = roles.filter((role) => role.name === name).flatMap((role) => role.rules);
  return rules.flatMap((rule) => [...scopesOfRule(rule, 'everywhere')].map(printScope));
}

it.each([
  ['cluster-admin', ['* * everywhere', '* url "*"']],
  [
    'system:auth-delegator',
    [
      'create tokenreviews.authentication.k8s.io everywhere',
      'create subjectaccessreviews.authorization.k8s.io everywhere',
    ],
  ],
  ['system:monitoring', ['get /metrics', 'get nodes/metrics everywhere']],
  ['view', ['get,list,watch pods everywhere', 'get,list,watch events.events.k8s.io everywhere']],
  [
    'edit',
    [
      'get,list,watch pods everywhere',
      'create serviceaccounts/token everywhere',
      'impersonate serviceaccounts everywhere',
    ],
  ],
  [
    'admin',
    [
      'get,list,watch pods everywhere',
      'create serviceaccounts/token everywhere',
      'create localsubjectaccessreviews.authorization.k8s.io everywhere',
    ],
  ],
  [
    'extension-apiserver-authentication-reader',
    ['get,list,watch configmaps named extension-apiserver-authentication everywhere'],
  ],
])('%s holds what Kubernetes gives it', (name, scopes) => {
  expect(scopesOf(name)).toEqual(expect.arrayContaining(scopes));
});

it('the user-facing roles nest, and hold nothing twice', () => {
  const [view, edit, admin] = [scopesOf('view'), scopesOf('edit'), scopesOf('admin')];

  expect(edit).toEqual(expect.arrayContaining([...view]));
  expect(admin).toEqual(expect.arrayContaining([...edit]));
  expect(new Set(admin).size).toBe(admin.length);
  expect(view).not.toContain('get,list,watch secrets everywhere');
});

it('only the roles that gather others are aggregated', () => {
  expect(roles.filter(({ gathers }) => gathers !== undefined).map(({ name }) => name)).toEqual([
    'admin',
    'edit',
    'view',
  ]);
});

it('they hold what they gather, by the labels that Kubernetes gives their parts', () => {
  const clusterRoles = roles.filter(({ kind }) => kind === 'ClusterRole');

  for (const whole of clusterRoles.filter(({ gathers }) => gathers !== undefined)) {
    const parts = clusterRoles.filter(
      (part) => part !== whole && whole.gathers?.some((selector) => selects(selector, part.labels)),
    );
    expect(parts.length).toBeGreaterThan(0);
    expect(
      sameRules(
        whole.rules,
        parts.flatMap(({ rules }) => rules),
      ),
    ).toBe(true);
  }
});

it.each([
  ['view', { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' }],
  ['edit', { 'rbac.authorization.k8s.io/aggregate-to-admin': 'true' }],
  ['system:aggregate-to-view', { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }],
  ['admin', {}],
  ['system:discovery', {}],
])('%s is labelled as a part of what gathers it', (name, labels) => {
  expect(roles.find((role) => role.name === name)?.labels).toEqual(labels);
});

it('a role without a namespace is a ClusterRole, and one with a namespace a Role', () => {
  expect(new Set(roles.map(({ kind }) => kind))).toEqual(new Set(['ClusterRole', 'Role']));
});

it('Roles have their namespace and ClusterRoles none', () => {
  for (const { kind, namespace } of roles) expect(namespace === undefined).toBe(kind === 'ClusterRole');
  expect(roles.find(({ name }) => name === 'extension-apiserver-authentication-reader')?.namespace).toBe(
    'kube-system',
  );
});

it('every role has a rule, and no rule is without verbs', () => {
  expect(roles.filter(({ rules }) => rules.length === 0)).toEqual([]);
  expect(roles.flatMap(({ rules }) => rules).filter(({ verbs }) => verbs.length === 0)).toEqual([]);
});

it.each(BASELINE)('the baseline has what the stock role $role holds', ({ role, rules }) => {
  expect(roles.find(({ name }) => name === role)?.rules).toEqual(rules);
});

it('the baseline writes nothing but reviews of oneself', () => {
  const scopes = BASELINE.flatMap(({ rules }) =>
    rules.flatMap((rule) => [...scopesOfRule(rule, 'everywhere')]),
  );

  expect(
    scopes
      .filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)))
      .map(printScope),
  ).toEqual([
    'create selfsubjectaccessreviews.authorization.k8s.io everywhere',
    'create selfsubjectrulesreviews.authorization.k8s.io everywhere',
    'create selfsubjectreviews.authentication.k8s.io everywhere',
  ]);
});
