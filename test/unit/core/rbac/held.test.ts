import { describe, expect, it } from 'vitest';
import { createRbacIndex, groupsOf, type Held, objectKey, userName } from '../../../../src/core/rbac/held.ts';
import type { Binding, Role } from '../../../../src/core/rbac/rules.ts';
import { API, aggregated, binding, clusterRole, heldBy, role, rule } from '../../../support/rbac.ts';

const view = clusterRole('view', rule('get', 'pods'));
const pods = role('shop/pods', rule('get', 'pods'));

describe('who a binding reaches', () => {
  it.each([
    ['the account by name and namespace', 'ServiceAccount:shop/api', true],
    ['the account without namespace, in a RoleBinding of its namespace', 'ServiceAccount:api', true],
    ['its user name', 'User:system:serviceaccount:shop:api', true],
    ['the group of all accounts', 'Group:system:serviceaccounts', true],
    ['the group of its namespace', 'Group:system:serviceaccounts:shop', true],
    ['the group of everyone logged in', 'Group:system:authenticated', true],
    ['another account', 'ServiceAccount:shop/web', false],
    ['the same name elsewhere', 'ServiceAccount:dev/api', false],
    ['another namespace’s group', 'Group:system:serviceaccounts:dev', false],
    ['a user called *', 'User:*', false],
    ['a group that is the user name', 'Group:system:serviceaccount:shop:api', false],
    ['a subject of an unknown kind', 'Robot:api', false],
  ])('%s', (_, subject, reached) => {
    const held = heldBy(API, view, binding('shop/b', 'ClusterRole:view', subject));

    expect(held.rules).toHaveLength(reached ? 1 : 0);
  });

  it('takes the namespace of the RoleBinding where the subject has none, so elsewhere it is another account', () => {
    expect(heldBy(API, view, binding('dev/b', 'ClusterRole:view', 'ServiceAccount:api')).rules).toEqual([]);
  });

  it('matches no account without namespace in a ClusterRoleBinding', () => {
    const bound = binding('b', 'ClusterRole:view', 'ServiceAccount:api');

    expect(heldBy(API, view, bound).rules).toEqual([]);
    expect(heldBy({ namespace: 'undefined', name: 'api' }, view, bound).rules).toEqual([]);
  });

  it('reaches the account from a RoleBinding in another namespace, where the rules then count', () => {
    const held = heldBy(API, view, binding('dev/b', 'ClusterRole:view', 'ServiceAccount:shop/api'));

    expect(held.rules.map(({ namespace }) => namespace)).toEqual(['dev']);
  });

  it('grants once through a binding that names the account in two ways', () => {
    const twice = binding('b', 'ClusterRole:view', 'ServiceAccount:shop/api', 'Group:system:authenticated');

    expect(heldBy(API, view, twice).rules).toHaveLength(1);
  });

  it('says through which subject, where it is not the account by name', () => {
    const held = heldBy(API, view, binding('b', 'ClusterRole:view', 'Group:system:serviceaccounts'));

    expect(held.rules[0]?.via.through).toBe('group system:serviceaccounts');
  });
});

it('takes an empty namespace of a subject for none', () => {
  const { subjects, ...rest } = binding('shop/b', 'ClusterRole:view', 'ServiceAccount:api');
  const held = heldBy(API, view, { ...rest, subjects: subjects.map((one) => ({ ...one, namespace: '' })) });

  expect(held.rules).toHaveLength(1);
});

describe('the way by which a rule is held', () => {
  it.each([
    ['ServiceAccount:shop/api', undefined],
    ['User:system:serviceaccount:shop:api', 'user system:serviceaccount:shop:api'],
    ['Group:system:serviceaccounts:shop', 'group system:serviceaccounts:shop'],
    ['Group:system:authenticated', 'group system:authenticated'],
  ])('through %s is %s', (subject, through) => {
    const bound = binding('b', 'ClusterRole:view', subject);

    expect(heldBy(API, view, bound).rules).toEqual([
      {
        rule: rule('get', 'pods'),
        namespace: undefined,
        via: { binding: bound, role: { kind: 'ClusterRole', namespace: undefined, name: 'view' }, through },
      },
    ]);
  });

  it('is the account itself where a group names it as well', () => {
    const twice = binding('b', 'ClusterRole:view', 'Group:system:authenticated', 'ServiceAccount:shop/api');

    expect(heldBy(API, view, twice).rules[0]?.via.through).toBeUndefined();
  });

  it('names a Role by the namespace of the binding, and a ClusterRole by none, whether there is one or not', () => {
    const held = heldBy(
      API,
      binding('shop/a', 'Role:gone', 'ServiceAccount:api'),
      binding('shop/b', 'ClusterRole:gone', 'ServiceAccount:api'),
    );

    expect(held.dangling.map(({ role: one }) => one)).toEqual([
      { kind: 'Role', namespace: 'shop', name: 'gone' },
      { kind: 'ClusterRole', namespace: undefined, name: 'gone' },
    ]);
  });

  it('is every rule of an aggregated ClusterRole that has some', () => {
    const sum = aggregated(clusterRole('sum', rule('get', 'pods'), rule('get', 'nodes')));
    const held = heldBy(API, sum, binding('b', 'ClusterRole:sum', 'ServiceAccount:shop/api'));

    expect(held.rules).toHaveLength(2);
    expect(held.unfilled).toEqual([]);
  });

  it('is none of a role without rules that gathers nothing', () => {
    const held = heldBy(
      API,
      clusterRole('none'),
      binding('b', 'ClusterRole:none', 'ServiceAccount:shop/api'),
    );

    expect(held).toEqual({ rules: [], dangling: [], unfilled: [] });
  });
});

describe('what a binding refers to', () => {
  it('looks a Role up in the namespace of the binding', () => {
    const held = heldBy(API, pods, binding('shop/b', 'Role:pods', 'ServiceAccount:api'));

    expect(held.rules).toHaveLength(1);
    expect(held.rules[0]?.namespace).toBe('shop');
  });

  it.each([
    ['a Role of another namespace', binding('dev/b', 'Role:pods', 'ServiceAccount:shop/api')],
    ['a Role from a ClusterRoleBinding', binding('b', 'Role:pods', 'ServiceAccount:shop/api')],
    ['a ClusterRole that does not exist', binding('shop/b', 'ClusterRole:gone', 'ServiceAccount:api')],
    ['a role of an unknown kind', binding('shop/b', 'Persona:pods', 'ServiceAccount:api')],
  ])('grants nothing for %s, and says that the role is not there', (_, dangling) => {
    const held = heldBy(API, pods, dangling);

    expect(held.rules).toEqual([]);
    expect(held.dangling).toHaveLength(1);
  });

  it('tells an aggregated ClusterRole without rules from one that grants nothing', () => {
    const held = heldBy(
      API,
      aggregated(clusterRole('sum')),
      binding('b', 'ClusterRole:sum', 'ServiceAccount:shop/api'),
    );

    expect(held.unfilled).toHaveLength(1);
    expect(held.dangling).toEqual([]);
  });
});

describe('the index', () => {
  it('forgets what is dropped and replaces what is put again', () => {
    const index = createRbacIndex();
    index.putRole(view);
    index.putBinding(binding('b', 'ClusterRole:view', 'ServiceAccount:shop/api'));
    index.putBinding(binding('b', 'ClusterRole:view', 'ServiceAccount:shop/web'));
    expect(index.held(API).rules).toEqual([]);

    index.putBinding(binding('b', 'ClusterRole:view', 'ServiceAccount:shop/api'));
    expect(index.held(API).rules).toHaveLength(1);

    index.putRole(clusterRole('view', rule('get', 'pods'), rule('list', 'pods')));
    expect(index.held(API).rules).toHaveLength(2);

    index.dropRole('ClusterRole', undefined, 'view');
    expect(index.held(API)).toMatchObject({ rules: [], dangling: [{ role: { name: 'view' } }] });

    index.dropBinding('ClusterRoleBinding', undefined, 'b');
    expect(index.held(API)).toEqual({ rules: [], dangling: [], unfilled: [] });
  });

  it('knows which bindings refer to a role, whether it exists or not', () => {
    const index = createRbacIndex();
    const key = 'ClusterRole//view';
    const names = () => [...index.bindingsTo(key)].map(({ name }) => name);
    index.putBinding(binding('a', 'ClusterRole:view', 'ServiceAccount:shop/api'));
    index.putBinding(binding('shop/b', 'ClusterRole:view', 'ServiceAccount:api'));
    index.putBinding(binding('shop/c', 'Role:view', 'ServiceAccount:api'));
    expect(names()).toEqual(['a', 'b']);
    expect([...index.bindingsTo('Role/shop/view')].map(({ name }) => name)).toEqual(['c']);

    index.putBinding(binding('a', 'ClusterRole:edit', 'ServiceAccount:shop/api'));
    expect(names()).toEqual(['b']);

    index.dropBinding('RoleBinding', 'shop', 'b');
    expect(names()).toEqual([]);
  });

  it('gives roles and bindings by their keys, and all ClusterRoles, until they are dropped', () => {
    const index = createRbacIndex();
    const bound = binding('shop/b', 'Role:pods', 'ServiceAccount:api');
    index.putRole(view);
    index.putRole(pods);
    index.putBinding(bound);

    expect(index.role('ClusterRole//view')).toBe(view);
    expect(index.role('Role/shop/pods')).toBe(pods);
    expect(index.binding('RoleBinding/shop/b')).toBe(bound);
    expect([...index.clusterRoles()]).toEqual([view]);

    index.dropRole('ClusterRole', undefined, 'view');
    index.dropRole('Role', 'shop', 'pods');
    index.dropBinding('RoleBinding', 'shop', 'b');

    expect(index.role('ClusterRole//view')).toBeUndefined();
    expect(index.role('Role/shop/pods')).toBeUndefined();
    expect(index.binding('RoleBinding/shop/b')).toBeUndefined();
    expect([...index.clusterRoles()]).toEqual([]);
  });

  it('keeps what others hold when one binding of the same subject or role goes', () => {
    const index = createRbacIndex();
    index.putRole(view);
    for (const name of ['a', 'b'])
      index.putBinding(binding(name, 'ClusterRole:view', 'ServiceAccount:shop/api'));
    index.dropBinding('ClusterRoleBinding', undefined, 'a');

    expect(index.held(API).rules).toHaveLength(1);
    expect([...index.bindingsTo('ClusterRole//view')].map(({ name }) => name)).toEqual(['b']);
  });

  it('knows no binding to a role that there cannot be', () => {
    const index = createRbacIndex();
    index.putBinding(binding('b', 'Role:pods', 'ServiceAccount:shop/api'));
    index.putBinding(binding('shop/b', 'Persona:pods', 'ServiceAccount:api'));

    for (const key of ['Role//pods', 'Role/shop/pods', 'Persona//pods', 'Persona/shop/pods']) {
      expect([...index.bindingsTo(key)]).toEqual([]);
    }
  });

  it('takes no harm from dropping what it never had', () => {
    const index = createRbacIndex();
    index.dropBinding('RoleBinding', 'shop', 'b');
    index.dropRole('Role', 'shop', 'r');

    expect(index.held(API).rules).toEqual([]);
  });
});

it('knows the user name and groups of every service account token', () => {
  expect(userName(API)).toBe('system:serviceaccount:shop:api');
  expect(groupsOf(API)).toEqual([
    'system:serviceaccounts',
    'system:serviceaccounts:shop',
    'system:authenticated',
  ]);
});

describe('an overlay', () => {
  const readers = binding('shop/readers', 'ClusterRole:view', 'ServiceAccount:api');
  const indexed = [view, pods, readers, binding('shop/b', 'Role:pods', 'ServiceAccount:api')];
  const gone = (object: Role | Binding): [string, undefined] => [objectKey(object), undefined];
  const now = <T extends Role | Binding>(object: T): [string, T] => [objectKey(object), object];

  it.each<[string, [string, Role | undefined][], [string, Binding | undefined][], Held]>([
    ['nothing', [], [], heldBy(API, ...indexed)],
    ['a role that is gone', [gone(view)], [], heldBy(API, ...indexed.filter((one) => one !== view))],
    [
      'a role that grants more',
      [now(clusterRole('view', rule('get', 'pods'), rule('list', 'nodes')))],
      [],
      heldBy(API, clusterRole('view', rule('get', 'pods'), rule('list', 'nodes')), ...indexed.slice(1)),
    ],
    ['a role that is new', [now(role('shop/new', rule('get', 'pods')))], [], heldBy(API, ...indexed)],
    ['a binding that is gone', [], [gone(readers)], heldBy(API, view, pods, ...indexed.slice(3))],
    [
      'a binding that no longer names the account',
      [],
      [now(binding('shop/readers', 'ClusterRole:view', 'ServiceAccount:web'))],
      heldBy(API, view, pods, ...indexed.slice(3)),
    ],
    [
      'a binding that is new, through a group',
      [],
      [now(binding('all', 'ClusterRole:view', 'Group:system:serviceaccounts'))],
      heldBy(API, ...indexed, binding('all', 'ClusterRole:view', 'Group:system:serviceaccounts')),
    ],
  ])('takes into account %s', (_, roles, bindings, want) => {
    const index = createRbacIndex();
    for (const object of indexed) {
      if ('rules' in object) index.putRole(object);
      else index.putBinding(object);
    }
    const held = index.held(API, { roles: new Map(roles), bindings: new Map(bindings) });

    const sorted = ({ rules, dangling, unfilled }: Held) => [
      rules.map((one) => JSON.stringify(one)).toSorted(),
      dangling.map((one) => JSON.stringify(one)).toSorted(),
      unfilled,
    ];
    expect(sorted(held)).toEqual(sorted(want));
  });
});
