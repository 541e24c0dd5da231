import type { Minter } from '../../src/admit/ports.ts';
import { creationPath } from '../../src/core/inject/issuance.ts';
import type { InjectionSettings } from '../../src/core/inject/settings.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { createMinter } from '../../src/facts/vault/minter.ts';
import { createReader } from '../../src/facts/vault/reader.ts';
import type { WatchedVaults } from '../../src/facts/vault/watch.ts';
import { withVaults } from '../../src/facts/with-vaults.ts';
import type { World } from '../../src/facts/world.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { createVaultClient } from '../../src/vault/client.ts';
import { handlerOn } from './decisions.ts';
import { closedLoop } from './load.ts';
import { createCaller, type VaultAddress } from './vault-caller.ts';
import { accountsWithRole } from './vault-made.ts';
import type { MintingRow } from './vault-page.ts';
import { injectReview } from './vault-reviews.ts';
import { accountName, namespaceOf, type WorldSize } from './world.ts';

export interface MintingTask extends VaultAddress {
  readonly world: World;
  readonly vaults: WatchedVaults;
  readonly settings: InjectionSettings;
  readonly size: WorldSize;
  readonly seconds: number;
  readonly tokenFile: string;
  readonly plainToken: string;
}

const CONNECTIONS = [1, 16] as const;
const WRAP_TTL_SECONDS = 300;
const PODS = 500;

/** All pods are given tokens, by a token role of their namespace. */
const WRAPPED: JsonObject = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'wrapped' },
  spec: {
    priority: 1000,
    onChange: { missing: 'Warn', excess: { critical: 'Warn', high: 'Warn' }, forbidden: 'Warn' },
    injection: { issuance: ['Wrapped', 'Login'], tokenRoles: ['wrapped_{namespace}'] },
  },
};

/** Three ways to a token, side by side: what Vault makes of it when it is asked plainly, our minter, a pod's whole admission. */
export async function measureMinting(task: MintingTask): Promise<readonly MintingRow[]> {
  const { world, size, seconds, tokenFile, plainToken, address, ca } = task;
  world.put('ScopePolicy', WRAPPED);
  const client = createVaultClient({ address, ca });
  const reader = createReader({ client, mount: 'jwt', role: 'countersign', tokenFile, clock: systemClock });
  const minter = createMinter({
    vaults: new Map([['default', { client, reader }]]),
    wrapTtlSeconds: WRAP_TTL_SECONDS,
    admits: () => true,
    clock: systemClock,
    log: { info: () => undefined, warn: (fields) => console.error(JSON.stringify(fields)) },
  });
  const caller = createCaller({ address, ca }, plainToken, Math.max(...CONNECTIONS));
  const numbers = accountsWithRole().slice(0, PODS);
  const ways: Readonly<Record<MintingRow['way'], () => Promise<unknown>>> = {
    plain: inOrder(numbers, (account) =>
      caller.call('POST', creationPath(`wrapped_${namespaceOf(size, account)}`), {
        ttl: `${WRAP_TTL_SECONDS + 60}s`,
        renewable: true,
        display_name: `plain-${accountName(account)}`,
        meta: { namespace: namespaceOf(size, account), serviceAccount: accountName(account), owner: '' },
      }),
    ),
    minter: inOrder(numbers, (account) => mintOne(minter, size, account)),
    inject: injecting({ ...task, minter }, numbers),
  };
  const rows: MintingRow[] = [];
  for (const connections of CONNECTIONS) {
    for (const way of ['plain', 'minter', 'inject'] as const) {
      await closedLoop(connections, 1, ways[way]);
      rows.push({ way, connections, ...(await closedLoop(connections, seconds, ways[way])) });
    }
  }
  await reader.stop();
  client.close();
  caller.close();
  return rows;
}

async function mintOne(minter: Minter, size: WorldSize, account: number): Promise<void> {
  const namespace = namespaceOf(size, account);
  const outcome = await minter.mint(
    {
      vault: 'default',
      tokenRole: `wrapped_${namespace}`,
      account: { namespace, name: accountName(account) },
      owner: 'ReplicaSet/app-5d8f6b9c7',
    },
    new AbortController().signal,
  );
  if (outcome.kind === 'failed') throw new Error(`not minted: ${outcome.why}`);
}

/** From the text of a review to that of the answer, as a connection would bring and take them. */
function injecting(
  { world, vaults, settings, size, minter }: MintingTask & { readonly minter: Minter },
  numbers: readonly number[],
): () => Promise<void> {
  const handle = handlerOn(withVaults(world, vaults), settings, minter);
  const reviews = numbers.map((account) => injectReview(size, account));
  const deadline = new AbortController().signal;
  return inOrder(reviews, async (review) => {
    const { review: answer, record } = await handle('inject', JSON.parse(review), { deadline });
    const isPatched = JSON.stringify(answer).includes('"patch"');
    if (!isPatched || record.codes.includes('NotMinted')) {
      throw new Error(`not injected: ${JSON.stringify(record)}`);
    }
  });
}

function inOrder<T, R>(items: readonly T[], run: (item: T) => Promise<R>): () => Promise<R> {
  let at = 0;
  return () => {
    const item = items[at % items.length];
    at += 1;
    if (item === undefined) throw new Error('nothing to do');
    return run(item);
  };
}
