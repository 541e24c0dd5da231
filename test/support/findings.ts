import type { Via } from '../../src/core/rbac/held.ts';
import type { Scope } from '../../src/core/scope/scope.ts';
import { scopes } from './verdict.ts';

/** Short builders for findings: only what a test is about is written in it. */

/** The one scope of a line. */
export function scopeOf(line: string): Scope {
  const [scope, ...more] = scopes(line);
  if (scope === undefined || more.length > 0) throw new Error(`not one scope: ${line}`);
  return scope;
}

/** `via('RoleBinding shop/readers', 'ClusterRole view')`. */
export function via(binding: string, role: string, through?: string): Via {
  return { binding: { ...named(binding), kind: bindingKind(binding) }, role: named(role), through };
}

function bindingKind(text: string): Via['binding']['kind'] {
  return text.startsWith('RoleBinding ') ? 'RoleBinding' : 'ClusterRoleBinding';
}

function named(text: string): Via['role'] {
  const [kind = '', name = ''] = text.split(' ');
  const [namespace, own] = name.split('/');
  return own === undefined ? { kind, namespace: undefined, name } : { kind, namespace, name: own };
}
