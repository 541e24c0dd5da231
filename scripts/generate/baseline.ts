/** The table of what every service account holds on a stock cluster: the roles bound to the groups that all of them are in. */
import { listOf, objectOf, textOf } from '../../src/core/json.ts';
import { BOOTSTRAP, itemsIn, rolesIn } from './cluster-roles.ts';
import { fromModule, KUBERNETES, readModuleFile } from './kubernetes-module.ts';
import type { Page } from './page.ts';

export const baselinePage: Page = {
  name: 'baseline',
  path: 'src/core/rbac/baseline.ts',
  source: `${KUBERNETES} (bootstrappolicy/testdata)`,
  render: () =>
    fromModule((module) =>
      renderBaseline(
        readModuleFile(module, `${BOOTSTRAP}/cluster-role-bindings.yaml`),
        readModuleFile(module, `${BOOTSTRAP}/cluster-roles.yaml`),
        EXPECTED,
      ),
    ),
};

/** Nothing in the baseline is ever excess, so a release that binds another role to everyone has to be looked at. */
const EXPECTED: readonly string[] = [
  'system:basic-user',
  'system:cluster-trust-bundle-discovery',
  'system:discovery',
  'system:public-info-viewer',
  'system:service-account-issuer-discovery',
];

/** The third group, `system:serviceaccounts:NAMESPACE`, has no stock binding. */
const GROUPS = ['system:authenticated', 'system:serviceaccounts'];

export function renderBaseline(bindings: string, roles: string, expected: readonly string[]): string {
  const bound = itemsIn(bindings).flatMap((binding) => {
    const named = listOf(binding['subjects']).map(objectOf).some(isEveryone);
    return named ? [textOf(objectOf(binding['roleRef'])['name']) ?? ''] : [];
  });
  const names = [...new Set(bound)].toSorted();
  if (names.join() !== expected.join()) {
    throw new Error(
      `expected the roles bound to ${GROUPS.join(' and ')} to be ${expected.join(', ')}; found ${names.join(', ')}`,
    );
  }
  const all = rolesIn(roles);
  const table = names.map((name) => {
    const role = all.find((candidate) => candidate.name === name);
    if (role === undefined || role.gathers.length > 0)
      throw new Error(`expected fixed rules of ClusterRole ${name}`);
    return { role: name, rules: role.rules };
  });
  return `
    import type { PolicyRule } from './rules.ts';

    interface BaselineRole {
      readonly role: string;
      readonly rules: readonly PolicyRule[];
    }

    /** What every service account holds on a stock cluster, by the role that gives it. */
    export const BASELINE: readonly BaselineRole[] = ${JSON.stringify(table)};`;
}

function isEveryone(subject: Readonly<Record<string, unknown>>): boolean {
  return subject['kind'] === 'Group' && GROUPS.includes(textOf(subject['name']) ?? '');
}
