import type { PolicyRule } from '../../src/core/rbac/rules.ts';
import { pick, type Random, randomOf } from './random.ts';

/** Rules as people write them: mostly reading, few resources at once, seldom a name, a wildcard more seldom still. */

const RESOURCES: readonly [Resource, ...Resource[]] = [
  ['', ['pods', 'pods/log', 'services', 'configmaps', 'secrets', 'events', 'persistentvolumeclaims']],
  ['', ['configmaps', 'secrets']],
  ['', ['pods', 'services', 'endpoints']],
  ['apps', ['deployments', 'statefulsets', 'replicasets', 'daemonsets']],
  ['batch', ['jobs', 'cronjobs']],
  ['networking.k8s.io', ['ingresses', 'networkpolicies']],
  ['coordination.k8s.io', ['leases']],
  ['discovery.k8s.io', ['endpointslices']],
];

type Resource = readonly [group: string, resources: readonly string[]];

const READ = ['get', 'list', 'watch'] as const;
const WRITE = ['create', 'update', 'patch', 'delete'] as const;

/** In hundredths, cumulative. */
const VERBS: readonly (readonly [below: number, verbs: readonly string[]])[] = [
  [60, READ],
  [75, ['get']],
  [90, WRITE],
  [98, [...READ, ...WRITE]],
  [100, ['*']],
];

/** A PolicyRule that is JSON, as a type alias is and an interface is not. */
export type Rule = { [Field in keyof PolicyRule]: PolicyRule[Field] };

/** Bound to every account. */
export const FOR_ALL = 0;
const HARMLESS: readonly Rule[] = [
  {
    verbs: READ,
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: ['cluster-info'],
    nonResourceURLs: [],
  },
];

/** One to ten, most often few. */
export function rulesOf(role: number, revision = 0): readonly Rule[] {
  if (role === FOR_ALL) return HARMLESS;
  const random = randomOf('role', role, revision);
  const count = 1 + Math.floor(random() ** 2 * 10);
  return Array.from({ length: count }, () => ruleOf(random));
}

function ruleOf(random: Random): Rule {
  const [group, resources] = pick(RESOURCES, random);
  const share = random() * 100;
  const verbs = VERBS.find(([below]) => share < below)?.[1] ?? READ;
  const first = Math.floor(random() * resources.length);
  const named = verbs.length === 1 && verbs[0] === 'get';
  return {
    verbs,
    apiGroups: [group],
    resources: resources.slice(first, first + 1 + Math.floor(random() * 3)),
    resourceNames: named ? [`settings-${Math.floor(random() * 1000)}`] : [],
    nonResourceURLs: [],
  };
}
