import type { Account } from '../../core/scope/scope.ts';
import type { GrantRecord } from '../../core/verdict/grants.ts';
import type { KubeClient } from '../../kube/client.ts';
import { listPages } from '../../kube/list.ts';
import { createGrantStore } from '../grants.ts';
import { identify, keyOf } from '../identity.ts';
import { collectionPath, WATCHED_KINDS } from '../kinds.ts';
import { ignore, spotOf } from '../spot.ts';

/** Whoever may ask for grants must not be able to make a denial wait: what is beyond is known from the watch alone. */
const MAX_PAGES = 3;

/** What the API server says of an account's grants now. */
export async function listGrants(client: KubeClient, account: Account): Promise<readonly GrantRecord[]> {
  const store = createGrantStore();
  const read = async (kind: 'AccessGrant' | 'AccessDecision') => {
    const { asked, decided } = store;
    const into = kind === 'AccessGrant' ? asked : decided;
    let pages = 0;
    const path = collectionPath(WATCHED_KINDS[kind], account.namespace);
    for await (const { items } of listPages(client, path, { timeoutSeconds: 1 })) {
      for (const item of items) {
        const spot = spotOf(item, ignore);
        const identity = identify(kind, spot);
        if (identity !== undefined) into.put(keyOf(identity), identity, spot);
      }
      pages += 1;
      if (pages === MAX_PAGES) return;
    }
  };
  await Promise.all([read('AccessGrant'), read('AccessDecision')]);
  return store.of(account);
}
