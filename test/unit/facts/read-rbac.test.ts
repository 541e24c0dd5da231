import { describe, expect, it } from 'vitest';
import { createPool } from '../../../src/facts/pool.ts';
import { readBinding, readRole } from '../../../src/facts/read-rbac.ts';
import { type SpotProblem, spotOf } from '../../../src/facts/spot.ts';

const IDENTITY = { namespace: 'shop', name: 'x' };
const GOOD_RULE = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
const GOOD_REF = { kind: 'ClusterRole', name: 'view' };

function reading<T>(object: unknown, read: (spot: ReturnType<typeof spotOf>) => T) {
  const problems: SpotProblem[] = [];
  const value = read(spotOf(object, (problem) => problems.push(problem)));
  return { value, problems: problems.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}

function role(kind: 'Role' | 'ClusterRole', object: unknown) {
  return reading(object, (spot) => readRole(kind, spot, IDENTITY, createPool()));
}

function binding(kind: 'RoleBinding' | 'ClusterRoleBinding', object: unknown) {
  return reading(object, (spot) => readBinding(kind, spot, IDENTITY, createPool()));
}

describe('readRole', () => {
  it('reads rules, absent lists as empty', () => {
    expect(role('Role', { rules: [{ ...GOOD_RULE, resourceNames: ['a'] }] })).toEqual({
      value: {
        kind: 'Role',
        ...IDENTITY,
        rules: [{ ...GOOD_RULE, resourceNames: ['a'], nonResourceURLs: [] }],
        labels: {},
        gathers: undefined,
      },
      problems: [],
    });
    expect(role('ClusterRole', { rules: null }).value.rules).toEqual([]);
  });

  it.each([
    [{ aggregationRule: {} }, []],
    [
      { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }, {}] } },
      [
        { matchLabels: { a: 'b' }, matchExpressions: [] },
        { matchLabels: {}, matchExpressions: [] },
      ],
    ],
    [{ aggregationRule: null }, undefined],
    [{}, undefined],
  ])('knows what %j gathers', (object, want) => {
    expect(role('ClusterRole', object).value.gathers).toEqual(want);
    expect(role('Role', object).value.gathers).toBeUndefined();
  });

  it('keeps the labels of a ClusterRole, which others gather it by', () => {
    const metadata = { labels: { a: 'b', ['__proto__']: 'c' } };

    expect(Object.entries(role('ClusterRole', { metadata }).value.labels)).toEqual(
      Object.entries(metadata.labels),
    );
    expect(role('Role', { metadata }).value.labels).toEqual({});
  });

  it('reports a selector that the API server would refuse, which then selects nothing', () => {
    const selector = { matchExpressions: [{ key: 'a', operator: 'Near' }] };
    const { value, problems } = role('ClusterRole', {
      aggregationRule: { clusterRoleSelectors: [selector] },
    });

    expect(value.gathers).toEqual([]);
    expect(problems).toEqual([
      'aggregationRule.clusterRoleSelectors.0.matchExpressions: expected a label selector',
    ]);
  });

  it.each<['Role' | 'ClusterRole', object, readonly string[]]>([
    ['ClusterRole', { verbs: ['get'], nonResourceURLs: ['/metrics'] }, []],
    ['Role', { ...GOOD_RULE, verbs: [] }, ['verbs: expected at least one verb']],
    [
      'Role',
      { verbs: ['get'], resources: ['pods'] },
      ['apiGroups: expected at least one API group; "" is the core group'],
    ],
    ['Role', { verbs: ['get'], apiGroups: [''] }, ['resources: expected at least one resource']],
    [
      'Role',
      { verbs: ['get'], nonResourceURLs: ['/x'] },
      ['nonResourceURLs: expected none in a Role: only a ClusterRole grants URLs'],
    ],
    [
      'ClusterRole',
      { ...GOOD_RULE, nonResourceURLs: ['/x'] },
      ['resources: expected none in a rule with nonResourceURLs'],
    ],
    [
      'Role',
      { ...GOOD_RULE, verbs: 'get' },
      ['verbs: expected a list of strings, found a string', 'verbs: expected at least one verb'],
    ],
  ])('reports what the API server would refuse in a rule of a %s: %j', (kind, rule, want) => {
    expect(role(kind, { rules: [rule] }).problems).toEqual(want.map((problem) => `rules.0.${problem}`));
  });
});

describe('readBinding', () => {
  it('reads role and subjects; a service account without namespace stays so', () => {
    const subjects = [
      { kind: 'ServiceAccount', name: 'api' },
      { kind: 'ServiceAccount', name: 'api', namespace: 'other' },
      { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'g' },
    ];

    expect(binding('RoleBinding', { roleRef: GOOD_REF, subjects })).toEqual({
      value: {
        kind: 'RoleBinding',
        ...IDENTITY,
        roleRef: GOOD_REF,
        subjects: [
          { kind: 'ServiceAccount', name: 'api', namespace: undefined },
          { kind: 'ServiceAccount', name: 'api', namespace: 'other' },
          { kind: 'Group', name: 'g', namespace: undefined },
        ],
      },
      problems: [],
    });
  });

  it('has no subjects where there are none', () => {
    expect(binding('RoleBinding', { roleRef: GOOD_REF }).value?.subjects).toEqual([]);
  });

  it.each<['RoleBinding' | 'ClusterRoleBinding', object, readonly string[]]>([
    ['RoleBinding', {}, ['roleRef: expected an object, found nothing']],
    ['RoleBinding', { roleRef: { kind: 'role', name: 'x' } }, ['roleRef.kind: expected Role or ClusterRole']],
    ['ClusterRoleBinding', { roleRef: { kind: 'Role', name: 'x' } }, ['roleRef.kind: expected ClusterRole']],
    [
      'RoleBinding',
      { roleRef: { kind: 'Role' } },
      ['roleRef.name: expected the name of a role, found nothing'],
    ],
    [
      'RoleBinding',
      { roleRef: GOOD_REF, subjects: [{ kind: 'Serviceaccount', name: 'x' }, { kind: 'User' }] },
      [
        'subjects.0.kind: expected User, Group, ServiceAccount',
        'subjects.1.name: expected the name of a subject, found nothing',
      ],
    ],
    [
      'ClusterRoleBinding',
      { roleRef: GOOD_REF, subjects: [{ kind: 'ServiceAccount', name: 'x' }] },
      ['subjects.0.namespace: expected the namespace of the service account, found nothing'],
    ],
  ])('reports what the API server would refuse in a %s: %j', (kind, object, want) => {
    expect(binding(kind, object).problems).toEqual(want);
  });
});
