/** How long it takes to read all roles and policies, by the product and as plainly as it gets. */
import { inTurns } from '../../src/facts/vault/in-turns.ts';
import { type WatchedVault, type WatchedVaults, watchVaults } from '../../src/facts/vault/watch.ts';
import { labelsIn } from '../../src/facts/with-vaults.ts';
import type { World } from '../../src/facts/world.ts';
import { createCaller, type VaultAddress } from './vault-caller.ts';
import { makeVaultRole, POLICIES, ROLES } from './vault-made.ts';
import type { Reading } from './vault-page.ts';
import type { WorldSize } from './world.ts';

export interface Vault extends VaultAddress {
  /** By which Countersign logs in at the mount `jwt`. */
  readonly tokenFile: string;
  /** May read what it reads, and make tokens that are not wrapped. */
  readonly plainToken: string;
}

/** Questions at a time: as many as the product's. */
const WIDTH = 8;

export interface Watching {
  readonly vaults: WatchedVaults;
  /** Once it is read. */
  readonly read: Promise<Reading>;
  stop(): Promise<void>;
}

export function watch(world: World, { address, ca, tokenFile }: Vault): Watching {
  const connection: WatchedVault['connection'] = {
    name: 'default',
    address,
    ca,
    authMount: 'kubernetes',
    authMethod: 'kubernetes',
    audience: 'vault',
  };
  const stop = new AbortController();
  const done = Promise.withResolvers<Reading>();
  const began = performance.now();
  const cpu = process.cpuUsage();
  const vaults = watchVaults(
    [{ connection, loginMount: 'jwt', role: 'countersign', tokenFile, refreshSeconds: 300 }],
    {
      labelsOf: (account) => labelsIn(world, account),
      factsMaxAgeSeconds: 300,
      signal: stop.signal,
      log: {
        info() {
          const { user, system } = process.cpuUsage(cpu);
          done.resolve({ ms: performance.now() - began, cpuMs: (user + system) / 1000 });
        },
        warn: (fields) => done.reject(new Error(JSON.stringify(fields))),
      },
    },
  );
  return {
    vaults,
    read: done.promise,
    async stop() {
      stop.abort();
      await vaults.done;
    },
  };
}

export async function readAgain(world: World, vault: Vault): Promise<Reading> {
  const watching = watch(world, vault);
  const reading = await watching.read;
  await watching.stop();
  return reading;
}

/** The same paths, and nothing done with the answers. */
export async function readPlainly(size: WorldSize, { plainToken, ...address }: Vault): Promise<Reading> {
  const caller = createCaller(address, plainToken, WIDTH);
  const paths = [
    ...Array.from({ length: ROLES }, (_, at) => `auth/kubernetes/role/${makeVaultRole(size, at).name}`),
    ...Array.from({ length: POLICIES }, (_, at) => `sys/policies/acl/policy-${at}`),
  ];
  const began = performance.now();
  const cpu = process.cpuUsage();
  await inTurns(WIDTH, paths, async (path) => void (await caller.call('GET', path)));
  const { user, system } = process.cpuUsage(cpu);
  caller.close();
  return { ms: performance.now() - began, cpuMs: (user + system) / 1000 };
}

/** One reading after the other by somebody else, so that what the decisions rest on stays as it is. */
export function keepReading(world: World, vault: Vault): { stop(): Promise<void> } {
  const stop = new AbortController();
  async function run(): Promise<void> {
    while (!stop.signal.aborted) await readAgain(world, vault);
  }
  const running = run();
  return {
    stop() {
      stop.abort();
      return running;
    },
  };
}
