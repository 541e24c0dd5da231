import { canonical, compareText } from '../scope/canonical.ts';
import { ruleOf, uncovered } from '../scope/covers.ts';
import { printScope } from '../scope/print.ts';
import type { KubernetesScope } from '../scope/scope.ts';
import type { PolicyRule } from './rules.ts';

/** The same permissions, each once: what one of the scopes covers is taken out of the others. */
export function withoutOverlap(scopes: readonly KubernetesScope[]): readonly KubernetesScope[] {
  let kept: readonly KubernetesScope[] = [];
  for (const scope of sorted(scopes)) {
    const rest = uncovered(kept.map(ruleOf), scope);
    if (rest.length === 0) continue;
    const rules = rest.map(ruleOf);
    kept = [...kept.flatMap((other) => uncovered(rules, other)), ...rest];
  }
  return sorted(kept);
}

function sorted(scopes: readonly KubernetesScope[]): readonly KubernetesScope[] {
  const printed = new Map(scopes.map(canonical).map((scope) => [printScope(scope), scope]));
  return [...printed].toSorted(([a], [b]) => compareText(a, b)).map(([, scope]) => scope);
}

/**
 * Few rules that give exactly these scopes, wherever the role is bound: what differs in one list only is one rule. In the
 * same order for the same scopes.
 */
export function rulesFor(scopes: readonly KubernetesScope[]): readonly PolicyRule[] {
  const verbs = merged(
    sorted(scopes).map((scope) => ruleOf(scope).rule),
    'verbs',
    (words) => canonical({ kind: 'url', verbs: words, url: '' }).verbs,
  );
  const fields = ['resourceNames', 'resources', 'apiGroups', 'nonResourceURLs'] as const;
  const rules = fields.reduce(
    (all, field) => merged(all, field, (words) => words.toSorted(compareText)),
    verbs,
  );
  return rules.toSorted((a, b) => compareText(orderOf(a), orderOf(b)));
}

/** Rules that are alike but for one list become one. No name is every name, so that never joins with names. */
function merged(
  rules: readonly PolicyRule[],
  field: keyof PolicyRule,
  order: (words: readonly string[]) => readonly string[],
): readonly PolicyRule[] {
  const alike = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const key = JSON.stringify({ ...rule, [field]: rule[field].length > 0 });
    const words = [...(alike.get(key)?.[field] ?? []), ...rule[field]];
    alike.set(key, { ...rule, [field]: order([...new Set(words)]) });
  }
  return [...alike.values()];
}

/** Every name comes before some names. */
function orderOf({ nonResourceURLs, apiGroups, resources, resourceNames, verbs }: PolicyRule): string {
  return [nonResourceURLs, apiGroups, resources, resourceNames, verbs]
    .map((words) => words.join(','))
    .join('\n');
}
