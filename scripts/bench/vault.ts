import { text } from 'node:stream/consumers';
import type { InjectionSettings } from '../../src/core/inject/settings.ts';
import { createResources } from '../../src/core/scope/resources.ts';
import type { WatchedVaults } from '../../src/facts/vault/watch.ts';
import { withVaults } from '../../src/facts/with-vaults.ts';
import { createWorld, type World } from '../../src/facts/world.ts';
import { decide, decideAll, handlerOn } from './decisions.ts';
import { keptMiB, rssMiB } from './heap.ts';
import { pagesOf } from './pages.ts';
import { accountsWithRole, POLICIES, ROLES } from './vault-made.ts';
import { measureMinting } from './vault-minting.ts';
import type { DecisionRow, VaultMeasured } from './vault-page.ts';
import { keepReading, readAgain, readPlainly, type Vault, watch } from './vault-reading.ts';
import { changeReview } from './vault-reviews.ts';
import { settingsFor } from './vault-settings.ts';
import { sizeOf, type WorldSize } from './world.ts';

/** `node --expose-gc vault.ts < TASK`: the product beside a Vault that is full; prints one line of JSON. */
export interface VaultTask extends Vault {
  readonly accounts: number;
  readonly seconds: number;
}

/** Fewer than are remembered. */
const FEW = 500;

const task: VaultTask = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(await measured(task)));

async function measured({ accounts, seconds, ...vault }: VaultTask): Promise<VaultMeasured> {
  const size = sizeOf(accounts);
  const world = createWorld(createResources());
  const before = { kept: keptMiB(), rss: rssMiB() };
  const watching = watch(world, vault);
  const first = await watching.read;
  const memory = { keptMiB: keptMiB() - before.kept, rssMiB: rssMiB() - before.rss };
  const again = await readAgain(world, vault);
  const plain = await readPlainly(size, vault);
  for (const { kind, text: items } of pagesOf(size)) {
    for (const item of JSON.parse(items) as readonly unknown[]) world.put(kind, item);
  }
  const settings = settingsFor(vault);
  const decisions = await measureDecisions({
    world,
    vaults: watching.vaults,
    vault,
    settings,
    size,
    seconds,
  });
  const minting = await measureMinting({ world, vaults: watching.vaults, settings, size, seconds, ...vault });
  await watching.stop();
  return {
    accounts,
    roles: ROLES,
    policies: POLICIES,
    ...memory,
    readings: { first, again, plain },
    decisions: decisions.rows,
    rememberedMiB: decisions.rememberedMiB,
    minting,
  };
}

interface DecisionTask {
  readonly world: World;
  readonly vaults: WatchedVaults;
  readonly vault: Vault;
  readonly settings: InjectionSettings;
  readonly size: WorldSize;
  readonly seconds: number;
}

async function measureDecisions({ world, vaults, vault, settings, size, seconds }: DecisionTask): Promise<{
  readonly rows: readonly DecisionRow[];
  readonly rememberedMiB: number;
}> {
  const reviews = accountsWithRole().map((account) => changeReview(size, account));
  const few = reviews.slice(0, FEW);
  const without = handlerOn(world, settings);
  const withVault = handlerOn(withVaults(world, vaults), settings);
  // Once for the compiler.
  await decide(without, reviews, 1);
  const before = keptMiB();
  const first = await decideAll(withVault, reviews);
  const rememberedMiB = keptMiB() - before;
  await decide(withVault, reviews, 1);
  const rows: DecisionRow[] = [
    { vault: 'none', accounts: few.length, ...(await decide(without, few, seconds)) },
    { vault: 'warm', accounts: few.length, ...(await decide(withVault, few, seconds)) },
    { vault: 'none', accounts: reviews.length, ...(await decide(without, reviews, seconds)) },
    { vault: 'warm', accounts: reviews.length, ...(await decide(withVault, reviews, seconds)) },
  ];
  const readings = keepReading(world, vault);
  rows.push({ vault: 'read', accounts: reviews.length, ...(await decide(withVault, reviews, seconds)) });
  await readings.stop();
  rows.push({ vault: 'first', accounts: reviews.length, ...first });
  return { rows, rememberedMiB };
}
