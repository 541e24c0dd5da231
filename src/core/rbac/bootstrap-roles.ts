import type { LabelSelector, Labels } from '../labels.ts';
import { BOOTSTRAP_TABLE } from './bootstrap-table.ts';
import type { PolicyRule, Role } from './rules.ts';

/**
 * The roles that every cluster has from its first start, the controllers' own apart, for judging files that bind to them.
 * Aggregated ones have the stock rules; a cluster may have added to them. Of their labels only those are here by which they
 * are gathered.
 */
export function bootstrapRoles(): readonly Role[] {
  return BOOTSTRAP_TABLE.map(({ name, namespace, gathers, rules }) => ({
    kind: namespace === undefined ? 'ClusterRole' : 'Role',
    namespace,
    name,
    rules: (gathers === undefined ? rules : gathered(gathers)).map(decode),
    labels: labelsOf(name),
    gathers: gathers && [aggregatedTo(name)],
  }));
}

/** `rbac.authorization.k8s.io/aggregate-to-edit`, on whatever is part of `edit`. */
function labelsOf(name: string): Labels {
  const wholes = BOOTSTRAP_TABLE.filter(({ gathers }) => gathers?.includes(name));
  return Object.assign({}, ...wholes.map((whole) => aggregatedTo(whole.name).matchLabels));
}

function aggregatedTo(name: string): LabelSelector {
  return {
    matchLabels: { [`rbac.authorization.k8s.io/aggregate-to-${name}`]: 'true' },
    matchExpressions: [],
  };
}

/** Every rule once, as the aggregation controller writes them. */
function gathered(names: readonly string[]): readonly string[] {
  const entries = BOOTSTRAP_TABLE.filter(
    ({ name, namespace }) => namespace === undefined && names.includes(name),
  );
  return [
    ...new Set(entries.flatMap(({ gathers, rules }) => (gathers === undefined ? rules : gathered(gathers)))),
  ];
}

function decode(text: string): PolicyRule {
  const [verbs = [], second = [], resources, resourceNames = []] = text
    .split(' ')
    .map((list) => list.split(','));
  if (resources === undefined) {
    return { verbs, apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: second };
  }
  const apiGroups = second.map((group) => (group === 'core' ? '' : group));
  return { verbs, apiGroups, resources, resourceNames, nonResourceURLs: [] };
}
