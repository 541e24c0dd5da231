import { covered, ruleOf } from '../scope/covers.ts';
import type { KubernetesScope, VaultScope } from '../scope/scope.ts';
import { uncoveredVault } from '../vault/contains.ts';
import { forbiddingLine } from './forbid.ts';
import { kubernetesOnly, type VerdictInput, vaultOnly } from './verdict.ts';

/** Of a scope, what no policy forbids and every ceiling covers: only that may be given. */
export function permittedBy(
  { forbid, ceilings }: Pick<VerdictInput, 'forbid' | 'ceilings'>,
  scope: KubernetesScope,
): readonly KubernetesScope[] {
  const verbs = scope.verbs.filter(
    (verb) => forbiddingLine(forbid, { ...scope, verbs: [verb] }) === undefined,
  );
  if (verbs.length === 0) return [];
  return ceilings.reduce<readonly KubernetesScope[]>(
    (within, ceiling) => {
      const rules = kubernetesOnly(ceiling.scopes).map(ruleOf);
      return within.flatMap((part) => covered(rules, part));
    },
    [{ ...scope, verbs }],
  );
}

/** What is needed in Vault, without what a policy forbids or a ceiling that speaks of Vault does not cover. */
export function permittedInVault({
  needs,
  forbid,
  ceilings,
}: Pick<VerdictInput, 'needs' | 'forbid' | 'ceilings'>): readonly VaultScope[] {
  const within = ceilings.map(({ scopes }) => vaultOnly(scopes)).filter((scopes) => scopes.length > 0);
  return vaultOnly(needs).filter(
    (need) =>
      forbiddingLine(forbid, need) === undefined &&
      within.every((scopes) => uncoveredVault(scopes, need).length === 0),
  );
}
