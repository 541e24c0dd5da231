import { describe, expect, it } from 'vitest';
import type { Binding, Role } from '../../../../src/core/rbac/rules.ts';
import { adviceTexts, fixOn, given, ruleText } from '../../../support/fix.ts';
import { policy } from '../../../support/policy.ts';
import { aggregated, binding, clusterRole, role, rule, urls } from '../../../support/rbac.ts';
import { scopes } from '../../../support/verdict.ts';

const ME = 'ServiceAccount:shop/api';

describe('what is missing', () => {
  it('is given by one role for each place', () => {
    const fix = fixOn(
      [],
      [
        'get,list pods',
        'list,get pods/log',
        'get secrets named b,a',
        'get deployments.apps in dev',
        'get,list nodes',
        'get /metrics',
      ],
    );

    expect(given(fix)).toEqual({
      'ClusterRole /countersign-shop.api': ['get,list |  | nodes |  | ', 'get |  |  |  | /metrics'],
      'Role dev/countersign-shop.api': ['get | apps | deployments |  | '],
      'Role shop/countersign-api': ['get,list |  | pods,pods/log |  | ', 'get |  | secrets | a,b | '],
    });
    expect(fix.roles.map(({ binding: bound }) => bound)).toMatchObject([
      { kind: 'ClusterRoleBinding', roleRef: { kind: 'ClusterRole', name: 'countersign-shop.api' } },
      {
        kind: 'RoleBinding',
        namespace: 'dev',
        subjects: [{ kind: 'ServiceAccount', namespace: 'shop', name: 'api' }],
      },
      { kind: 'RoleBinding', namespace: 'shop', roleRef: { kind: 'Role', name: 'countersign-api' } },
    ]);
    expect(adviceTexts(fix)).toEqual([]);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['a wider need covers a narrower one', ['get pods', '* pods', 'get pods named a'], ['* |  | pods |  | ']],
    ['verbs of one resource are one rule', ['get pods', 'list pods'], ['get,list |  | pods |  | ']],
    [
      'groups with the same resource are one rule',
      ['get events', 'get events.events.k8s.io'],
      ['get | ,events.k8s.io | events |  | '],
    ],
    [
      'names never join with every name',
      ['get pods', 'list pods named a'],
      ['get |  | pods |  | ', 'list |  | pods | a | '],
    ],
    ['a namespace is given in itself', ['get namespaces named shop'], ['get |  | namespaces | shop | ']],
    [
      'a custom verb stays where it is asked',
      ['bind clusterroles.rbac.authorization.k8s.io named view in shop'],
      ['bind | rbac.authorization.k8s.io | clusterroles | view | '],
    ],
  ])('%s', (_, needs, rules) => {
    expect(given(fixOn([], needs))).toEqual({ 'Role shop/countersign-api': rules });
  });

  it('is only what is not held yet', () => {
    const fix = fixOn(
      [role('shop/r', rule('get', 'pods')), binding('shop/b', 'Role:r', ME)],
      ['get,list pods'],
    );

    expect(given(fix)).toEqual({ 'Role shop/countersign-api': ['list |  | pods |  | '] });
  });

  it('never overwrites what is there', () => {
    const fix = fixOn(
      [role('shop/countersign-api'), binding('shop/countersign-api-2', 'Role:x', 'User:jane')],
      ['get pods'],
    );

    expect(Object.keys(given(fix))).toEqual(['Role shop/countersign-api-3']);
  });

  it('says where RBAC cannot do what is meant', () => {
    const [first] = fixOn([], ['create,get configmaps named lock']).roles;

    expect(first?.remarks).toEqual([
      'RBAC cannot confine create to names, since such requests carry none: if it is refused, declare `create configmaps in shop`',
    ]);
  });

  it('is refused where it is forbidden, verb by verb', () => {
    const forbid = scopes('delete secrets').map((scope) => ({ policy: 'strict', scope }));
    const fix = fixOn([], ['get,delete secrets'], { forbid });

    expect(given(fix)).toEqual({ 'Role shop/countersign-api': ['get |  | secrets |  | '] });
    expect(adviceTexts(fix)).toEqual([
      'refused: get,delete secrets in shop is forbidden by policy strict: take it out of countersign.dev/needs',
    ]);
  });

  it('is refused beyond a ceiling', () => {
    const ceilings = [{ policy: 'strict', scopes: scopes('get *') }];
    const fix = fixOn([], ['get,list pods', 'get nodes'], { ceilings });

    expect(given(fix)).toEqual({ 'Role shop/countersign-api': ['get |  | pods |  | '] });
    expect(adviceTexts(fix)).toEqual([
      'refused: get nodes everywhere is beyond the ceiling of policy strict: stay within it, or ask its owner',
      'refused: list pods in shop is beyond the ceiling of policy strict: stay within it, or ask its owner',
    ]);
  });

  it('is left open where a role that is not known may give it', () => {
    const fix = fixOn([binding('shop/b', 'ClusterRole:elsewhere', ME)], ['get pods'], { openWorld: true });

    expect(given(fix)).toEqual({});
    expect(adviceTexts(fix)).toEqual([
      'open: get pods in shop may be given by ClusterRole elsewhere, whose rules are not known',
    ]);
  });
});

describe('what is too much', () => {
  const OWN = [
    role('shop/r', rule('get,delete', 'pods'), rule('*', 'secrets')),
    binding('shop/b', 'Role:r', ME),
  ];

  it('goes from a role of the account alone', () => {
    const fix = fixOn(OWN, ['get pods', 'get secrets named a']);

    expect(
      fix.narrowed.map(({ kind, namespace, name, rules }) => [kind, namespace, name, rules.map(ruleText)]),
    ).toEqual([['Role', 'shop', 'r', ['get |  | pods |  | ', 'get |  | secrets | a | ']]]);
    expect({ ...fix, narrowed: [] }).toEqual({
      vault: [],
      roles: [],
      narrowed: [],
      deletions: [],
      advice: [],
    });
  });

  it('goes with its binding where nothing of it is needed', () => {
    const fix = fixOn(OWN, []);

    expect(fix).toMatchObject({
      roles: [],
      narrowed: [],
      deletions: [{ binding: { kind: 'RoleBinding', name: 'b' }, why: 'nothing that it gives is needed' }],
      advice: [],
    });
  });

  it.each<[string, readonly (Role | Binding)[], string]>([
    [
      'comes with the cluster',
      [clusterRole('view', rule('get,list', 'pods')), binding('shop/b', 'ClusterRole:view', ME)],
      'ClusterRole view comes with the cluster',
    ],
    [
      'is one of the system',
      [
        clusterRole('system:x', rule('get,list', 'pods')),
        { ...binding('shop/b', 'ClusterRole:x', ME), roleRef: { kind: 'ClusterRole', name: 'system:x' } },
      ],
      'ClusterRole system:x comes with the cluster',
    ],
    [
      'is aggregated',
      [
        aggregated(clusterRole('sum', rule('get,list', 'pods')), { a: 'b' }),
        binding('shop/b', 'ClusterRole:sum', ME),
      ],
      'the rules of ClusterRole sum are gathered from other roles',
    ],
    [
      'is bound for others',
      [
        clusterRole('r', rule('get,list', 'pods')),
        binding('shop/b', 'ClusterRole:r', ME),
        binding('c', 'ClusterRole:r', 'Group:system:serviceaccounts:dev', 'ServiceAccount:dev/web'),
      ],
      'ClusterRole r is bound 2 times, for every service account of dev, 2 accounts',
    ],
    [
      'is bound everywhere for what is needed here',
      [clusterRole('r', rule('get,list', 'pods')), binding('b', 'ClusterRole:r', ME)],
      'nothing that it gives is needed everywhere',
    ],
  ])('is replaced where its role %s', (_, objects, why) => {
    const fix = fixOn(objects, ['get pods']);

    expect(given(fix)).toEqual({ 'Role shop/countersign-api': ['get |  | pods |  | '] });
    expect(fix.narrowed).toEqual([]);
    expect(fix.deletions.map((one) => [one.binding.name, one.why])).toEqual([
      ['b', `${why}; what is needed of it is in the objects above`],
    ]);
  });

  it.each<[string, readonly (Role | Binding)[], string]>([
    [
      'the group of every account',
      [role('shop/r', rule('get', 'pods')), binding('shop/b', 'Role:r', 'Group:system:serviceaccounts')],
      'RoleBinding shop/b → Role r (group system:serviceaccounts) gives more than is needed: the binding is shared, and a change touches every service account of the cluster',
    ],
    [
      'another account',
      [
        role('shop/r', rule('get', 'pods')),
        binding('shop/b', 'Role:r', ME, 'ServiceAccount:shop/web', 'User:jane'),
      ],
      'RoleBinding shop/b → Role r gives more than is needed: the binding is shared, and a change touches 2 accounts, 1 other subject',
    ],
  ])('is for its owner to change where it is bound to %s', (_, objects, text) => {
    expect(fixOn(objects, [])).toEqual({
      vault: [],
      roles: [],
      narrowed: [],
      deletions: [],
      advice: [{ kind: 'ask', text }],
    });
  });

  it.each([
    [
      { 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/instance': 'shop' },
      'the Helm release shop',
    ],
    [{ 'app.kubernetes.io/managed-by': 'Helm' }, 'a Helm release'],
    [{ 'app.kubernetes.io/managed-by': 'pulumi' }, 'pulumi'],
    [
      { 'argocd.argoproj.io/instance': 'shop', 'app.kubernetes.io/managed-by': 'Helm' },
      'the Argo CD application shop',
    ],
    [{ 'kustomize.toolkit.fluxcd.io/name': 'shop' }, 'the Flux Kustomization shop'],
    [{ 'helm.toolkit.fluxcd.io/name': 'shop' }, 'the Flux HelmRelease shop'],
  ])('is for its tool to change where it is labelled %j', (labels, writer) => {
    for (const kind of ['Role', 'RoleBinding']) {
      const fix = fixOn(OWN, [], {}, { labels: (object) => (object.kind === kind ? labels : {}) });
      const text = `RoleBinding shop/b → Role r gives more than is needed: it would be written back by ${writer}: change it there`;

      expect(fix).toEqual({
        vault: [],
        roles: [],
        narrowed: [],
        deletions: [],
        advice: [{ kind: 'ask', text }],
      });
    }
  });

  it('keeps what another workload of the account needs', () => {
    const fix = fixOn(OWN, ['get pods'], { sharedNeeds: scopes('get pods', 'delete pods') });

    expect(fix.narrowed.map(({ rules }) => rules.map(ruleText))).toEqual([['get,delete |  | pods |  | ']]);
  });

  it('keeps what the policy allows', () => {
    const fix = fixOn(OWN, ['get pods'], { allow: scopes('delete pods') });

    expect(fix.narrowed.map(({ rules }) => rules.map(ruleText))).toEqual([['get,delete |  | pods |  | ']]);
  });

  it('is left alone where the policy ignores it, and goes with what it does not ignore', () => {
    const { onChange } = policy('p', {
      onChange: { excess: { critical: 'Deny', high: 'Deny', medium: 'Ignore', low: 'Ignore' } },
    });
    const low = [role('shop/r', rule('get,list', 'configmaps')), binding('shop/b', 'Role:r', ME)];
    const both = [
      role('shop/r', rule('get,list', 'configmaps'), rule('list', 'secrets')),
      binding('shop/b', 'Role:r', ME),
    ];

    expect(fixOn(low, ['get configmaps'], {}, { actions: onChange }).narrowed).toEqual([]);
    expect(
      fixOn(both, ['get configmaps'], {}, { actions: onChange }).narrowed.map(({ rules }) =>
        rules.map(ruleText),
      ),
    ).toEqual([['get |  | configmaps |  | ']]);
  });

  it('goes where it is forbidden, though it is needed', () => {
    const forbid = scopes('* secrets').map((scope) => ({ policy: 'strict', scope }));
    const fix = fixOn(OWN, ['get,delete pods', '* secrets'], { forbid });

    expect(fix.narrowed.map(({ rules }) => rules.map(ruleText))).toEqual([['get,delete |  | pods |  | ']]);
    expect(adviceTexts(fix)).toEqual([
      'refused: * secrets in shop is forbidden by policy strict: take it out of countersign.dev/needs',
    ]);
  });

  it.each<[string, object, string]>([
    [
      'nothing is declared',
      { declared: false },
      'open: declare the needs first: without them nobody can say what is missing or too much',
    ],
    [
      'a sibling declares nothing',
      { undeclaredSiblings: ['Deployment web'] },
      'open: what is too much is left alone: the account is shared with Deployment web, whose needs are not known',
    ],
  ])('is left alone while %s', (_, more, text) => {
    const fix = fixOn([clusterRole('r', rule('*', '*')), binding('shop/b', 'ClusterRole:r', ME)], [], more);

    expect(fix).toMatchObject({ vault: [], roles: [], narrowed: [], deletions: [] });
    expect(adviceTexts(fix)).toEqual([text]);
  });

  it('is nothing of URLs in a namespace', () => {
    const fix = fixOn(
      [
        clusterRole('r', urls('get', '/metrics'), rule('get', 'pods')),
        binding('shop/b', 'ClusterRole:r', ME),
      ],
      ['get pods'],
    );

    expect(fix).toEqual({ vault: [], roles: [], narrowed: [], deletions: [], advice: [] });
  });
});
