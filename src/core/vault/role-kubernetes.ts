import { globMatches } from '../glob.ts';
import { selects } from '../labels.ts';
import type { AccountLabels, Admits, KubernetesBinding } from './role.ts';

/** As parseAndValidateJWT of vault-plugin-auth-kubernetes decides (path_login.go). */
export function kubernetesAdmits(
  { names, namespaces, namespaceSelector }: KubernetesBinding,
  { account, namespaceLabels }: AccountLabels,
): 'yes' | Exclude<Admits, { kind: 'yes' }> {
  if (!names.some((name) => globMatches(name, account.name))) return { kind: 'no', why: 'name' };
  if (namespaces.some((namespace) => globMatches(namespace, account.namespace))) return 'yes';
  if (namespaceSelector === 'none') return { kind: 'no', why: 'namespace' };
  if (namespaceSelector === 'unreadable') {
    return { kind: 'unknown', why: 'its namespace selector is not one that can be read' };
  }
  if (namespaceLabels === undefined) {
    return { kind: 'unknown', why: 'the labels of the namespace are not known' };
  }
  return selects(namespaceSelector, namespaceLabels) ? 'yes' : { kind: 'no', why: 'namespace' };
}
