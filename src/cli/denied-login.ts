import { INJECT, PREFIX } from '../core/inject/annotations.ts';
import { printScope } from '../core/scope/print.ts';
import type { Account, Scope, VaultScope } from '../core/scope/scope.ts';
import { capabilitiesAt } from '../core/vault/acl.ts';
import { withheld } from '../core/vault/covers.ts';
import type { VaultLogin } from '../core/vault/held.ts';
import { loginIn } from '../core/verdict/findings.ts';
import { loginNamed } from '../core/verdict/vault-login.ts';
import type { StoredDenial } from '../desk/desk.ts';
import type { Survey } from '../facts/cluster/survey.ts';
import { recordedScopes } from './denied-claim.ts';

export type RecordedFinding = StoredDenial['spec']['findings'][number];

export function isOfVault({ scope, reason }: RecordedFinding): boolean {
  return scope?.startsWith('vault ') ?? reason.includes('Vault');
}

/** Of a login at the Vault that was read. What is too much can't be told from what else the workload needs. */
export function isJudgedAgain(finding: RecordedFinding, { vault }: Survey): boolean {
  const login = loginIn(finding.via ?? '');
  return (
    isOfVault(finding) &&
    finding.check !== 'excess' &&
    vault?.read === true &&
    login?.connection === vault.name
  );
}

export interface VaultClaim {
  readonly needs: readonly string[];
  /** They ask for the login. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** What the denial tells of the needs at Vault, and of the login that they come by. */
export function vaultClaim(
  findings: readonly RecordedFinding[],
  account: Account,
  survey: Survey,
): VaultClaim {
  const again = findings.filter((finding) => isJudgedAgain(finding, survey));
  const [named] = again.flatMap(({ via = '' }) => loginIn(via) ?? []);
  if (named === undefined) return { needs: [], annotations: {} };
  const { connection, role } = named;
  const held = survey.world.vault(account);
  const login = held && loginNamed(held, named);
  const scopes = again.flatMap(({ check, scope = '' }) =>
    check === 'missing' ? recordedScopes(scope).filter(isVaultScope) : [],
  );
  return {
    needs: scopes.map((scope) => printScope(login === undefined ? scope : withPresent(login, scope))),
    annotations: { [INJECT]: 'true', [`${PREFIX}vault`]: connection, [`${PREFIX}vault-role`]: role },
  };
}

function isVaultScope(scope: Scope): scope is VaultScope {
  return scope.kind === 'vault';
}

/**
 * With what the login gives at the same path by now: in Vault the most exact rule is the only one that counts, so a new
 * rule for what is missing alone would take the rest away.
 */
function withPresent({ acl }: VaultLogin, scope: VaultScope): VaultScope {
  const present = withheld(acl, scope).flatMap(({ example, by }) =>
    by === undefined || by.constraints.length > 0 ? [] : capabilitiesAt(acl, example),
  );
  const capabilities = [...scope.capabilities, ...present.filter((word) => word !== 'deny')];
  return { ...scope, capabilities: [...new Set(capabilities)] };
}
