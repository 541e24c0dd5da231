import type { VaultScope } from '../scope/scope.ts';
import { shown } from '../text.ts';
import { BASELINE_SCOPES } from '../vault/baseline.ts';
import type { VaultVia } from '../vault/held.ts';
import { surplus } from '../vault/surplus.ts';
import type { Finding } from '../verdict/findings.ts';
import type { VaultInput } from '../verdict/vault.ts';
import { viaOf } from '../verdict/vault-login.ts';
import type { VaultRoleAccess } from './access-report.ts';

export interface VaultHolding {
  readonly scope: VaultScope;
  readonly login: VaultVia;
}

/** What the account's logins give beyond what every token has, without what is found to be too much. */
export function heldInVault(
  vault: VaultInput | undefined,
  excess: readonly Finding[],
): readonly VaultHolding[] {
  const tooMuch = new Map<string, Set<string>>();
  for (const { login, scope } of excess) {
    if (login === undefined || scope?.kind !== 'vault') continue;
    const key = keyOf(login, scope.path);
    tooMuch.set(key, new Set([...(tooMuch.get(key) ?? []), ...scope.capabilities]));
  }
  return (vault?.held.logins ?? []).flatMap((login) =>
    surplus(login.acl, BASELINE_SCOPES).flatMap(({ scope, rule }): readonly VaultHolding[] => {
      const via = viaOf(login, rule.policies);
      const gone = tooMuch.get(keyOf(via, scope.path));
      const capabilities = scope.capabilities.filter((word) => gone?.has(word) !== true);
      return capabilities.length === 0 ? [] : [{ scope: { ...scope, capabilities }, login: via }];
    }),
  );
}

function keyOf({ login: { connection, mount, role }, policies }: VaultVia, path: string): string {
  return JSON.stringify([connection, mount, role, policies, path]);
}

export function vaultRolesOf(vault: VaultInput | undefined): readonly VaultRoleAccess[] {
  return (vault?.held.logins ?? []).map(({ connection, mount, role, terms, anyAccount }) => ({
    connection: shown(connection),
    mount: shown(mount),
    role: shown(role),
    policies: terms.policies.map((name) => shown(name)),
    anyAccount,
  }));
}
