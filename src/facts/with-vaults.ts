import type { Facts } from '../admit/ports.ts';
import type { Account } from '../core/scope/scope.ts';
import type { AccountLabels } from '../core/vault/role.ts';
import type { VaultFacts } from './vault/vaults.ts';

/** The same facts, with what is known of Vault. */
export function withVaults<F extends Facts>(
  facts: F,
  { vault, prepareVault }: Pick<VaultFacts, 'vault' | 'prepareVault'>,
): F {
  return { ...facts, vault, prepareVault };
}

/** What Vault's roles bind, as the facts have it. */
export function labelsIn(facts: Pick<Facts, 'account' | 'namespace'>, account: Account): AccountLabels {
  return {
    account,
    uid: facts.account(account)?.uid,
    namespaceLabels: facts.namespace(account.namespace)?.labels,
  };
}
