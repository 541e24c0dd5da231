/** The table of the roles that every cluster has, but those of the controllers, which no workload is bound to. */
import type { PolicyRule } from '../../src/core/rbac/rules.ts';
import { BOOTSTRAP, type BootstrapRole, rolesIn } from './cluster-roles.ts';
import { fromModule, KUBERNETES, readModuleFile } from './kubernetes-module.ts';
import type { Page } from './page.ts';

export const bootstrapRolesPage: Page = {
  name: 'bootstrap-roles',
  path: 'src/core/rbac/bootstrap-table.ts',
  source: `${KUBERNETES} (bootstrappolicy/testdata)`,
  render: () =>
    fromModule((module) =>
      renderBootstrapRoles(
        ['cluster-roles.yaml', 'namespace-roles.yaml'].map((name) =>
          readModuleFile(module, `${BOOTSTRAP}/${name}`),
        ),
      ),
    ),
};

export function renderBootstrapRoles(texts: readonly string[]): string {
  const roles = texts.flatMap(rolesIn);
  const table = roles.map((role) => ({
    name: role.name,
    ...(role.namespace === undefined ? {} : { namespace: role.namespace }),
    ...(role.gathers.length === 0 ? {} : { gathers: gatheredBy(role, roles) }),
    rules: role.rules.map(encode),
  }));
  return `
    interface BootstrapEntry {
      readonly name: string;
      /** Of a Role. */
      readonly namespace?: string;
      /** The ClusterRoles whose rules an aggregated one gathers. */
      readonly gathers?: readonly string[];
      /** \`VERBS GROUPS RESOURCES [NAMES]\` or \`VERBS URLS\`; the core group is \`core\`. */
      readonly rules: readonly string[];
    }

    export const BOOTSTRAP_TABLE: readonly BootstrapEntry[] = ${JSON.stringify(table)};`;
}

function gatheredBy(role: BootstrapRole, roles: readonly BootstrapRole[]): readonly string[] {
  return roles
    .filter((candidate) =>
      role.gathers.some((labels) =>
        Object.entries(labels).every(([label, value]) => candidate.labels[label] === value),
      ),
    )
    .map(({ name }) => name);
}

function encode(rule: PolicyRule): string {
  const groups = rule.apiGroups.map((group) => (group === '' ? 'core' : group));
  const lists = [rule.verbs, groups, rule.resources, rule.resourceNames, rule.nonResourceURLs];
  if (rule.resources.length > 0 && rule.nonResourceURLs.length > 0)
    throw new Error('expected resources or URLs in a rule, not both');
  const odd = lists.flat().find((text) => !/^[^\s,]+$/.test(text));
  if (odd !== undefined)
    throw new Error(`expected a word without white space and commas; found ${JSON.stringify(odd)}`);
  return lists
    .filter((list) => list.length > 0)
    .map((list) => list.join())
    .join(' ');
}
