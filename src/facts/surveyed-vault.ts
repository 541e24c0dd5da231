import type { Account } from '../core/scope/scope.ts';
import type { Survey } from './cluster/survey.ts';
import type { PersonalVault } from './vault/personal.ts';
import { labelsIn, withVaults } from './with-vaults.ts';

/** The survey with what a Vault gives these accounts, read for them now. */
export async function withVault(
  survey: Survey,
  vault: PersonalVault,
  accounts: readonly Account[],
): Promise<Survey> {
  const { world } = survey;
  const { facts, incomplete } = await vault.read(accounts, (account) => labelsIn(world, account));
  const surveyed = { ...survey, vault: { name: vault.name, read: facts !== undefined, incomplete } };
  return facts === undefined ? surveyed : { ...surveyed, world: withVaults(world, facts) };
}
