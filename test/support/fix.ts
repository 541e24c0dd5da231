import type { Labels } from '../../src/core/labels.ts';
import { createRbacIndex, objectKey, type RbacIndex } from '../../src/core/rbac/held.ts';
import type { Binding, PolicyRule, Role } from '../../src/core/rbac/rules.ts';
import type { Scope } from '../../src/core/scope/scope.ts';
import { decide } from '../../src/core/verdict/decision.ts';
import { type Fix, fixOf } from '../../src/core/verdict/fix.ts';
import type { Actions } from '../../src/core/verdict/policy.ts';
import { judge, type Verdict, type VerdictInput } from '../../src/core/verdict/verdict.ts';
import type { RbacWorld } from './arbitrary.ts';
import { policy } from './policy.ts';
import { API } from './rbac.ts';
import { scopes, verdictInput } from './verdict.ts';
import { workload } from './workload.ts';

/** An account's verdict and its fix on a world of roles and bindings, and the world with the fix applied. */

export function indexOf({ roles, bindings }: RbacWorld): RbacIndex {
  const index = createRbacIndex();
  for (const role of roles) index.putRole(role);
  for (const binding of bindings) index.putBinding(binding);
  return index;
}

export interface Fixed {
  readonly input: VerdictInput;
  readonly verdict: Verdict;
  readonly fix: Fix;
}

export interface FixOptions {
  readonly labels?: (object: { readonly kind: string; readonly name: string }) => Labels;
  readonly actions?: Actions;
}

/** Everything is acted on. */
const ALL = policy('p', {}).onChange;

export function fixedOn(
  world: RbacWorld,
  needs: readonly Scope[],
  more: Partial<VerdictInput> = {},
  { labels = () => ({}), actions = ALL }: FixOptions = {},
): Fixed {
  const index = indexOf(world);
  const input = verdictInput(index.held(API), needs, more);
  const verdict = judge(input);
  const decision = decide(verdict, { workload: workload(), policy: 'p', actions, dryRun: false });
  const objects = { ...index, labels };
  return { input, verdict, fix: fixOf({ account: API, input, verdict, decision, objects }) };
}

/** The fix for these objects and needs of `shop/api`. */
export function fixOn(
  objects: readonly (Role | Binding)[],
  needs: readonly string[],
  more: Partial<VerdictInput> = {},
  options: FixOptions = {},
): Fix {
  const roles = objects.filter((one): one is Role => 'rules' in one);
  const bindings = objects.filter((one): one is Binding => 'subjects' in one);
  return fixedOn({ roles, bindings }, scopes(...needs), more, options).fix;
}

/** `VERBS | GROUPS | RESOURCES | NAMES | URLS`. */
export function ruleText({
  verbs,
  apiGroups,
  resources,
  resourceNames,
  nonResourceURLs,
}: PolicyRule): string {
  return [verbs, apiGroups, resources, resourceNames, nonResourceURLs]
    .map((list) => list.join(','))
    .join(' | ');
}

/** The rules of each new role, by its kind and name. */
export function given({ roles }: Pick<Fix, 'roles'>): Record<string, readonly string[]> {
  return Object.fromEntries(
    roles.map(({ role: { kind, namespace = '', name, rules } }) => [
      `${kind} ${namespace}/${name}`,
      rules.map(ruleText),
    ]),
  );
}

export function adviceTexts({ advice }: Pick<Fix, 'advice'>): readonly string[] {
  return advice.map(({ kind, text }) => `${kind}: ${text}`);
}

/** As `kubectl apply` and then `kubectl delete` would leave it. */
export function applied({ roles, narrowed, deletions }: Fix, world: RbacWorld): RbacWorld {
  const put = new Map<string, Role>(world.roles.map((role) => [objectKey(role), role]));
  for (const { kind, namespace, name, rules } of [...roles.map(({ role }) => role), ...narrowed]) {
    put.set(objectKey({ kind, namespace, name }), {
      kind,
      namespace,
      name,
      rules,
      labels: {},
      gathers: undefined,
    });
  }
  const gone = new Set(deletions.map(({ binding }) => objectKey(binding)));
  const bindings: Binding[] = [...world.bindings, ...roles.map(({ binding }) => binding)];
  return { roles: [...put.values()], bindings: bindings.filter((binding) => !gone.has(objectKey(binding))) };
}
