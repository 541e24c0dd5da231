/** Policies by which a login that would not work is refused, and how what is unknown of it is met. */
import { DENY_EVERY_RISK } from './cluster-objects.ts';
import { SHOP_ROLES } from './vault-shop.ts';

/** Labels of namespaces: what is unknown is refused, or only warned of. */
export const STRICT = 'countersign.dev/preflight-strict';
export const LENIENT = 'countersign.dev/preflight-lenient';

/** How Countersign reads, as its own role; only the question before a denial can have seen what changes in a test. */
export const PREFLIGHT_FACTS = { role: 'countersign', refreshSeconds: 3600 } as const;

export const PREFLIGHT_POLICIES: readonly object[] = [policy(STRICT, 'Deny'), policy(LENIENT, 'Warn')];

function policy(label: string, undetermined: 'Deny' | 'Warn'): object {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ScopePolicy',
    metadata: { name: label.slice(label.indexOf('/') + 1) },
    spec: {
      match: { namespaceSelector: { matchLabels: { [label]: 'true' } } },
      onChange: {
        missing: 'Deny',
        excess: DENY_EVERY_RISK,
        overreach: 'Deny',
        undeclared: 'Deny',
        undetermined,
      },
      injection: { roles: [...SHOP_ROLES], maxTTL: '1h' },
    },
  };
}
