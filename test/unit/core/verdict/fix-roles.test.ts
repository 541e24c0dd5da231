import { describe, expect, it } from 'vitest';
import { printScope } from '../../../../src/core/scope/print.ts';
import type { Account } from '../../../../src/core/scope/scope.ts';
import { type LeastRole, leastRoles } from '../../../../src/core/verdict/fix-roles.ts';
import { kubernetesOnly } from '../../../../src/core/verdict/verdict.ts';
import { indexOf } from '../../../support/fix.ts';
import { API, binding, clusterRole, role } from '../../../support/rbac.ts';
import { scopes } from '../../../support/verdict.ts';

const NOTHING = { roles: [], bindings: [] };

function rolesFor(
  lines: readonly string[],
  account: Account = API,
  world = indexOf(NOTHING),
): readonly LeastRole[] {
  const objects = { ...world, labels: () => ({}) };
  return leastRoles({ account, objects }, kubernetesOnly(scopes(...lines)));
}

describe('the names of new objects', () => {
  const nameOf = (namespace: string, name: string) =>
    rolesFor(['get pods'], { namespace, name })[0]?.role.name;

  it.each([
    ['own namespace', 'shop', 'api', 'countersign-api'],
    ['own namespace, a name with a dot', 'shop', 'a.b', 'countersign-shop.a.b'],
    ['another namespace', 'dev', 'api', 'countersign-dev.api'],
    ['another namespace, a name with a dot', 'dev', 'shop.api', 'countersign-dev.shop.api'],
    ['a name with digits and dashes', 'dev', '9-a--b.0-1', 'countersign-dev.9-a--b.0-1'],
    ['a name that just leaves room for a number', 'shop', 'a'.repeat(237), `countersign-${'a'.repeat(237)}`],
  ])('%s', (_, namespace, account, name) => {
    expect(nameOf(namespace, account)).toBe(name);
  });

  it.each([
    ['too long', 'a'.repeat(253)],
    ['one too long', 'a'.repeat(234)],
    ['no name of an account', '../Über'],
    ['one with a capital', 'Api'],
    ['one with an empty part', 'a..b'],
    ['one that starts a part with a dash', 'a.-b'],
    ['one that ends a part with a dash', 'a-.b'],
    ['one that ends with a dash', 'a-'],
    ['one that ends with a dot', 'a.'],
    ['one of two lines', 'a\nb'],
    ['empty', ''],
  ])('are a hash where the account is %s', (_, account) => {
    expect(nameOf('dev', account)).toMatch(/^countersign-[0-9a-f]{32}$/u);
  });

  it('are always the same hash, of the namespace and the name', () => {
    expect(nameOf('dev', '')).toBe('countersign-201b336b2ce90d3230abdef0ea47409e');
    expect(nameOf('dev.A', '')).not.toBe(nameOf('dev', 'A.'));
  });

  it.each([
    ['a Role', [role('shop/countersign-api')], [], 'countersign-api-2'],
    ['a RoleBinding', [], [binding('shop/countersign-api', 'Role:x')], 'countersign-api-2'],
    [
      'a Role and a numbered binding',
      [role('shop/countersign-api')],
      [binding('shop/countersign-api-2', 'Role:x')],
      'countersign-api-3',
    ],
    ['only a Role of another namespace', [role('dev/countersign-api')], [], 'countersign-api'],
    ['only a ClusterRole', [clusterRole('countersign-api')], [], 'countersign-api'],
  ])('are free where there is %s', (_, roles, bindings, want) => {
    const [found] = rolesFor(['get pods'], API, indexOf({ roles, bindings }));

    expect([found?.role.name, found?.binding.name, found?.binding.roleRef.name]).toEqual([want, want, want]);
  });

  it.each([
    ['ClusterRole', [clusterRole('countersign-shop.api')], []],
    ['ClusterRoleBinding', [], [binding('countersign-shop.api', 'ClusterRole:x')]],
  ])('are free of a %s', (_, roles, bindings) => {
    expect(rolesFor(['get nodes'], API, indexOf({ roles, bindings }))[0]?.role.name).toBe(
      'countersign-shop.api-2',
    );
  });
});

describe('new roles', () => {
  it('are none for nothing', () => {
    expect(rolesFor([])).toEqual([]);
  });

  it('are one for the cluster, and then one for each namespace, each bound to the account', () => {
    const found = rolesFor([
      'get pods',
      'get pods in dev',
      'list services',
      'get nodes',
      'get /x',
      'get secrets in a',
    ]);
    const subjects = [{ kind: 'ServiceAccount', namespace: 'shop', name: 'api' }];

    expect(
      found.map(({ role: { kind, namespace, name }, scopes: those }) => [
        kind,
        namespace,
        name,
        those.map(printScope),
      ]),
    ).toEqual([
      ['ClusterRole', undefined, 'countersign-shop.api', ['get nodes everywhere', 'get /x']],
      ['Role', 'a', 'countersign-shop.api', ['get secrets in a']],
      ['Role', 'dev', 'countersign-shop.api', ['get pods in dev']],
      ['Role', 'shop', 'countersign-api', ['get pods in shop', 'list services in shop']],
    ]);
    expect(found.map(({ binding: bound }) => bound)).toEqual([
      {
        kind: 'ClusterRoleBinding',
        namespace: undefined,
        name: 'countersign-shop.api',
        roleRef: { kind: 'ClusterRole', name: 'countersign-shop.api' },
        subjects,
      },
      {
        kind: 'RoleBinding',
        namespace: 'a',
        name: 'countersign-shop.api',
        roleRef: { kind: 'Role', name: 'countersign-shop.api' },
        subjects,
      },
      {
        kind: 'RoleBinding',
        namespace: 'dev',
        name: 'countersign-shop.api',
        roleRef: { kind: 'Role', name: 'countersign-shop.api' },
        subjects,
      },
      {
        kind: 'RoleBinding',
        namespace: 'shop',
        name: 'countersign-api',
        roleRef: { kind: 'Role', name: 'countersign-api' },
        subjects,
      },
    ]);
  });

  it.each<[string, readonly string[]]>([
    ['get,list,watch,update pods named a', []],
    ['create,deletecollection pods', []],
    ['create pods/exec named a', []],
    ['create /x', []],
    [
      'get,deletecollection pods named a',
      [
        'RBAC cannot confine deletecollection to names, since such requests carry none: if it is refused, declare `deletecollection pods in shop`',
      ],
    ],
    [
      'deletecollection,create,get pods named a',
      [
        'RBAC cannot confine create and deletecollection to names, since such requests carry none: if it is refused, declare `create,deletecollection pods in shop`',
      ],
    ],
  ])('remark on `%s` what RBAC cannot do', (line, want) => {
    expect(rolesFor([line])[0]?.remarks).toEqual(want);
  });
});
