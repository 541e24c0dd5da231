import { compareText } from '../scope/canonical.ts';
import type { VaultScope } from '../scope/scope.ts';
import type { InjectionRequest } from './request.ts';

/**
 * What a workload needs in Vault by what it asks to be given: to read a path, or to call it, which is
 * `update`. A signed token of the identity engine is read.
 */
export function impliedScopes({ credentials, identities }: InjectionRequest): readonly VaultScope[] {
  const scopes = new Map<string, VaultScope>();
  const tokens = identities.map(
    ({ role }) => ({ operation: 'read', path: `identity/oidc/token/${role}` }) as const,
  );
  for (const { operation, path } of [...credentials, ...tokens]) {
    const capability = operation === 'read' ? 'read' : 'update';
    scopes.set(`${path} ${capability}`, { kind: 'vault', capabilities: [capability], path });
  }
  return [...scopes].toSorted(([a], [b]) => compareText(a, b)).map(([, scope]) => scope);
}
