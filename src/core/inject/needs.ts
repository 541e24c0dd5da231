import { compareText } from '../scope/canonical.ts';
import type { VaultScope } from '../scope/scope.ts';
import type { InjectionRequest } from './request.ts';

/**
 * What a workload needs in Vault by what it asks to be given: to read a path, or to call it, which is
 * `update`.
 */
export function impliedScopes({ credentials }: InjectionRequest): readonly VaultScope[] {
  const scopes = new Map<string, VaultScope>();
  for (const { operation, path } of credentials) {
    const capability = operation === 'read' ? 'read' : 'update';
    scopes.set(`${path} ${capability}`, { kind: 'vault', capabilities: [capability], path });
  }
  return [...scopes].toSorted(([a], [b]) => compareText(a, b)).map(([, scope]) => scope);
}
