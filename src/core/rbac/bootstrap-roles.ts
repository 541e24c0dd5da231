import { BOOTSTRAP_TABLE } from './bootstrap-table.ts';
import type { PolicyRule, Role } from './rules.ts';

/**
 * The roles that every cluster has from its first start, the controllers' own apart, for judging files that bind to them.
 * Aggregated ones have the stock rules; a cluster may have added to them.
 */
export function bootstrapRoles(): readonly Role[] {
  return BOOTSTRAP_TABLE.map(({ name, namespace, gathers, rules }) => ({
    kind: namespace === undefined ? 'ClusterRole' : 'Role',
    namespace,
    name,
    rules: (gathers === undefined ? rules : gathered(gathers)).map(decode),
    aggregated: gathers !== undefined,
  }));
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
