import fc from 'fast-check';
import type { Binding, PolicyRule, Role, Subject } from '../../src/core/rbac/rules.ts';
import type { KubernetesScope } from '../../src/core/scope/scope.ts';

/** Random RBAC worlds from small vocabularies, so that rules and requests often meet. */

const NAMESPACES = ['shop', 'dev'] as const;
const few = <T>(...items: T[]) => fc.subarray(items, { minLength: 1, maxLength: 3 });
const maybeEmpty = <T>(...items: T[]) => fc.subarray(items, { maxLength: 2 });

export const VERBS = ['get', 'list', 'watch', 'create', 'delete', 'bind', '*'] as const;
export const GROUPS = ['', 'apps', '*'] as const;
export const RESOURCES = [
  'pods',
  'pods/log',
  'secrets',
  'nodes',
  'namespaces',
  'deployments',
  '*',
  '*/log',
] as const;
export const NAMES = ['a', 'b', 'shop'] as const;
export const URLS = ['/metrics', '/healthz', '/apis', '/apis/*', '*'] as const;

const anyRule: fc.Arbitrary<PolicyRule> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      verbs: few(...VERBS),
      apiGroups: few(...GROUPS),
      resources: few(...RESOURCES),
      resourceNames: maybeEmpty(...NAMES),
      nonResourceURLs: fc.constant([]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      verbs: few(...VERBS),
      apiGroups: fc.constant([]),
      resources: fc.constant([]),
      resourceNames: fc.constant([]),
      nonResourceURLs: few(...URLS),
    }),
  },
);

const subject: fc.Arbitrary<Subject> = fc.oneof(
  fc.record({
    kind: fc.constant('ServiceAccount'),
    name: fc.constantFrom('api', 'web'),
    namespace: fc.constantFrom<string | undefined>('shop', 'dev', undefined),
  }),
  fc.record({
    kind: fc.constant('User'),
    name: fc.constantFrom('jane', 'system:serviceaccount:shop:api'),
    namespace: fc.constant(undefined),
  }),
  fc.record({
    kind: fc.constant('Group'),
    name: fc.constantFrom(
      'system:serviceaccounts',
      'system:serviceaccounts:shop',
      'system:authenticated',
      'admins',
    ),
    namespace: fc.constant(undefined),
  }),
);

const ROLE_NAMES = ['r1', 'r2', 'r3'] as const;

export const anyRole: fc.Arbitrary<Role> = fc
  .record({
    namespace: fc.constantFrom<string | undefined>(undefined, ...NAMESPACES),
    name: fc.constantFrom(...ROLE_NAMES),
    rules: fc.array(anyRule, { maxLength: 3 }),
  })
  .map(({ namespace, name, rules }) => ({
    kind: namespace === undefined ? 'ClusterRole' : 'Role',
    namespace,
    name,
    rules,
    labels: {},
    gathers: undefined,
  }));

export const anyBinding: fc.Arbitrary<Binding> = fc
  .record({
    namespace: fc.constantFrom<string | undefined>(undefined, ...NAMESPACES),
    name: fc.constantFrom('b1', 'b2', 'b3', 'b4'),
    kind: fc.constantFrom('Role', 'ClusterRole'),
    role: fc.constantFrom(...ROLE_NAMES),
    subjects: fc.array(subject, { maxLength: 3 }),
  })
  .map(({ namespace, name, kind, role, subjects }) => ({
    kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    namespace,
    name,
    // The API server refuses a ClusterRoleBinding to a Role.
    roleRef: { kind: namespace === undefined ? 'ClusterRole' : kind, name: role },
    subjects,
  }));

const identityOf = (object: { kind: string; namespace: string | undefined; name: string }) =>
  `${object.kind}/${object.namespace}/${object.name}`;

export interface RbacWorld {
  readonly roles: readonly Role[];
  readonly bindings: readonly Binding[];
}

export const anyWorld: fc.Arbitrary<RbacWorld> = fc.record({
  roles: fc.uniqueArray(anyRole, { maxLength: 6, selector: identityOf }),
  bindings: fc.uniqueArray(anyBinding, { maxLength: 6, selector: identityOf }),
});

/** Placed needs. */
export const anyNeed: fc.Arbitrary<KubernetesScope> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('resource' as const),
      verbs: few(...VERBS),
      group: fc.constantFrom(...GROUPS),
      resource: fc.constantFrom(...RESOURCES),
      names: maybeEmpty(...NAMES),
      place: fc.constantFrom('everywhere' as const, { namespace: 'shop' }, { namespace: 'dev' }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('url' as const),
      verbs: few(...VERBS),
      url: fc.constantFrom(...URLS),
    }),
  },
);
