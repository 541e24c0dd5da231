import { isObject } from '../json.ts';
import { type LabelSelector, readSelector } from '../labels.ts';

/** As makeNsLabelSelector of vault-plugin-auth-kubernetes takes it: no `matchExpressions`, and texts alone. */
export function readNamespaceSelector(
  text: string,
  parseYaml: (text: string) => unknown,
): LabelSelector | 'unreadable' {
  const value = parseYaml(text);
  if (!isObject(value)) return 'unreadable';
  const { matchExpressions, matchLabels } = value;
  if ((matchExpressions ?? undefined) !== undefined) return 'unreadable';
  const labels = matchLabels ?? {};
  if (!isObject(labels) || !Object.values(labels).every((label) => typeof label === 'string')) {
    return 'unreadable';
  }
  return readSelector({ matchLabels: labels }) ?? 'unreadable';
}
