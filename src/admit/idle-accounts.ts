import type { WorkloadClaim } from '../core/admission/workload.ts';
import type { Account } from '../core/scope/scope.ts';
import { accountKey, type JudgedAccount } from './by-account.ts';
import { groundsOf, type JudgeOptions } from './judge.ts';
import type { Facts } from './ports.ts';

/** What a report needs of an account, whether anything runs as it or not. */
export type HeldAccount = Pick<JudgedAccount, 'account' | 'input' | 'judgements'>;

/**
 * Those of `accounts` as which nothing runs that was judged. What they hold may be used all the same: by pods without a
 * workload, or with a token from outside. So it counts in full, and only the ServiceAccount itself can say what is needed.
 */
export function idleAccounts(
  accounts: Iterable<Account>,
  judged: readonly HeldAccount[],
  facts: Facts,
  options: JudgeOptions,
): readonly HeldAccount[] {
  const busy = new Set(judged.map(({ account }) => accountKey(account)));
  return [...accounts]
    .filter((account) => !busy.has(accountKey(account)))
    .map((account) => {
      const { input, declaration } = groundsOf(claimOf(account), facts, options);
      const declared = input.declared && declaration.problems.length === 0;
      return { account, judgements: [], input: { ...input, declared, latent: false } };
    });
}

/** It says nothing, so what the account itself says counts. */
function claimOf(account: Account): WorkloadClaim {
  return {
    kind: 'ServiceAccount',
    namespace: account.namespace,
    name: account.name,
    account,
    annotations: {},
    tokens: { automount: undefined, mounted: false, secrets: [] },
    controller: undefined,
    uid: undefined,
  };
}
