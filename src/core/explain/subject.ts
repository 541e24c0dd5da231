import type { Subject } from './explanation.ts';

/** Kubernetes' user names: `system:serviceaccount:NAMESPACE:NAME`, `system:node:NAME`, `system:anonymous`. */
export function subjectOf(user: string, groups: readonly string[] = []): Subject {
  const [system, kind, first, second] = user.split(':', 5);
  if (system === 'system' && kind === 'serviceaccount' && first && second)
    return { kind: 'ServiceAccount', namespace: first, name: second, groups };
  if (system === 'system' && kind === 'node' && first) return { kind: 'Node', name: user, groups };
  if (user === 'system:anonymous') return { kind: 'Anonymous', name: user, groups };
  return { kind: 'User', name: user, groups };
}
