import fc from 'fast-check';
import { GROUPS, NAMES, RESOURCES, URLS, VERBS } from '../arbitrary.ts';

/**
 * Random RBAC worlds as objects for the API server, each in namespaces of its own so that many can be asked at once. In
 * names `$` stands for the world, so that a world can be made again elsewhere.
 */
export interface DrawnWorld {
  readonly objects: readonly DrawnObject[];
  readonly questions: readonly Question[];
}

export interface DrawnObject {
  readonly kind: 'Role' | 'ClusterRole' | 'RoleBinding' | 'ClusterRoleBinding';
  readonly namespace?: string;
  readonly name: string;
  readonly rules?: readonly object[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly object[];
}

/** One request of the account `api` of the world's first namespace. */
export type Question =
  | {
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly subresource: string;
      readonly name: string;
      readonly namespace: string;
    }
  | { readonly verb: string; readonly path: string };

/** The account's own namespace, another one, and none (every namespace, or a cluster-scoped object). */
const PLACES = ['w$', 'w$-b'] as const;

const some = <T>(items: readonly T[], maxLength = 3) => fc.subarray([...items], { minLength: 1, maxLength });

const resourceRule = fc.record({
  verbs: some([...VERBS, 'update', 'use']),
  apiGroups: some(GROUPS),
  resources: some([
    ...RESOURCES,
    'pods/*',
    '*/*',
    'namespaces/status',
    'serviceaccounts/token',
    'clusterroles',
  ]),
  resourceNames: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: some([...NAMES, 'w$', '']) },
  ),
});
const urlRule = fc.record({
  verbs: some(['get', 'post', '*']),
  nonResourceURLs: some([...URLS, '/apis/**', '/']),
});

const subject = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('ServiceAccount'),
      name: fc.constantFrom('api', 'api', 'web'),
      namespace: fc.constantFrom('w$', 'w$', 'w$-b'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('User'),
      apiGroup: fc.constant(RBAC()),
      name: fc.constantFrom('system:serviceaccount:w$:api', 'jane', '*'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('Group'),
      apiGroup: fc.constant(RBAC()),
      name: fc.constantFrom(
        'system:serviceaccounts:w$',
        'system:serviceaccounts:w$-b',
        'system:serviceaccount:w$:api',
        'admins',
      ),
    }),
  },
);

/** Groups that reach every world of a batch: rare, and on resources that few others speak of. */
const wideSubject = fc.record({
  kind: fc.constant('Group'),
  apiGroup: fc.constant(RBAC()),
  name: fc.constantFrom('system:serviceaccounts', 'system:authenticated'),
});
const wideRule = fc.record({
  verbs: fc.constant(['watch']),
  apiGroups: fc.constant(['wide.example']),
  resources: fc.constantFrom(['things$'], ['*']),
  resourceNames: fc.constantFrom([], ['a']),
});

function RBAC(): string {
  return 'rbac.authorization.k8s.io';
}

const anyRole = fc
  .record({
    namespace: fc.constantFrom(undefined, ...PLACES),
    name: fc.constantFrom('r1', 'r2', 'r3'),
    rules: fc.array(resourceRule, { minLength: 1, maxLength: 4 }),
    urls: fc.array(urlRule, { maxLength: 1 }),
  })
  .map(
    ({ namespace, name, rules, urls }): DrawnObject =>
      namespace === undefined
        ? { kind: 'ClusterRole', name: `w$-${name}`, rules: [...rules, ...urls] }
        : { kind: 'Role', namespace, name, rules },
  );

const anyBinding = fc
  .record({
    namespace: fc.constantFrom(undefined, ...PLACES),
    name: fc.constantFrom('b1', 'b2', 'b3', 'b4'),
    role: fc.constantFrom('r1', 'r2', 'r3'),
    cluster: fc.boolean(),
    subjects: fc.array(subject, { minLength: 1, maxLength: 3 }),
  })
  .map(({ namespace, name, role, cluster, subjects }): DrawnObject => {
    const roleRef =
      namespace === undefined || cluster
        ? { kind: 'ClusterRole', name: `w$-${role}` }
        : { kind: 'Role', name: role };
    return namespace === undefined
      ? { kind: 'ClusterRoleBinding', name: `w$-${name}`, roleRef, subjects }
      : { kind: 'RoleBinding', namespace, name, roleRef, subjects };
  });

const wide = fc
  .record({ rule: wideRule, subject: wideSubject })
  .map(({ rule, subject: one }): readonly DrawnObject[] => [
    { kind: 'ClusterRole', name: 'w$-wide', rules: [rule] },
    {
      kind: 'ClusterRoleBinding',
      name: 'w$-wide',
      roleRef: { kind: 'ClusterRole', name: 'w$-wide' },
      subjects: [one],
    },
  ]);

const question: fc.Arbitrary<Question> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      verb: fc.constantFrom(...VERBS, 'update', 'use'),
      group: fc.constantFrom(...GROUPS, 'wide.example'),
      resource: fc.constantFrom(
        'pods',
        'secrets',
        'nodes',
        'namespaces',
        'deployments',
        'serviceaccounts',
        'clusterroles',
        'things$',
        '*',
      ),
      subresource: fc.constantFrom('', '', '', 'log', 'status', 'token', '*'),
      name: fc.constantFrom('', '', 'a', 'b', 'shop', 'w$'),
      namespace: fc.constantFrom('w$', 'w$', 'w$-b', ''),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constantFrom('get', 'post'),
      path: fc.constantFrom('/metrics', '/healthz', '/apis', '/apis/apps', '/x', '/'),
    }),
  },
);

const identity = ({ kind, namespace, name }: DrawnObject) => `${kind}/${namespace ?? ''}/${name}`;

const QUESTIONS_PER_WORLD = 20;

export const anyDrawnWorld: fc.Arbitrary<DrawnWorld> = fc
  .record({
    roles: fc.uniqueArray(anyRole, { minLength: 4, maxLength: 9, selector: identity }),
    bindings: fc.uniqueArray(anyBinding, { minLength: 3, maxLength: 8, selector: identity }),
    wide: fc.oneof({ weight: 19, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: wide }),
    questions: fc.array(question, { minLength: QUESTIONS_PER_WORLD, maxLength: QUESTIONS_PER_WORLD }),
  })
  .map(({ roles, bindings, wide: far, questions }) => ({
    objects: [...roles, ...bindings, ...far],
    questions,
  }));

/** A world under the name of its own. */
export function settle<T>(part: T, world: string): T {
  return JSON.parse(
    JSON.stringify(part)
      .replaceAll('w$', world)
      .replaceAll('things$', `things${world.replaceAll('-', '')}`),
  );
}
