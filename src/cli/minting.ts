import type { Minter, MintOutcome, Revoker } from '../admit/ports.ts';
import type { Config } from '../api/config.ts';
import { vaultFactsSettings } from '../config/vault-facts.ts';
import { createMinter, createRevoker, type MintingVault } from '../facts/vault/minter.ts';
import { createReader } from '../facts/vault/reader.ts';
import { systemClock } from '../kube/clock.ts';
import { createBuckets } from '../review/buckets.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { vaultCodeOf } from '../telemetry/vault-code.ts';
import { createVaultClient } from '../vault/client.ts';

/** What gives wrapped tokens, and takes them back. */
export interface Minting {
  readonly minter: Minter;
  readonly revoker: Revoker;
  /** Our own tokens are revoked. */
  stop(): Promise<void>;
}

const MAX_OWNERS = 10_000;

/** `undefined`: the configuration does not ask for it. */
export function createMinting(config: Config, logger: Logger, metrics: Metrics): Minting | undefined {
  const { wrapped } = config.injection;
  if (wrapped === undefined) return undefined;
  const clock = systemClock;
  const identities = vaultFactsSettings(config).map(({ connection, loginMount: mount, role, tokenFile }) => {
    const client = createVaultClient(connection, {
      onExchange: (ended) => metrics.vaultRequest(connection.name, vaultCodeOf(ended)),
    });
    return { name: connection.name, client, reader: createReader({ client, mount, role, tokenFile, clock }) };
  });
  const vaults = new Map<string, MintingVault>(identities.map((identity) => [identity.name, identity]));
  const owners = createBuckets(wrapped.perOwner, MAX_OWNERS, clock);
  const log = {
    info: (fields: object, message: string) => logger.info(message, { ...fields }),
    warn: (fields: object, message: string) => logger.warn(message, { ...fields }),
  };
  const admits = (owner: string) => owners.take(owner);
  const minter = createMinter({ vaults, wrapTtlSeconds: wrapped.wrapTTLSeconds, admits, clock, log });
  return {
    minter: countedMinter(minter, metrics),
    revoker: createRevoker(vaults),
    async stop() {
      await Promise.all(identities.map(({ reader }) => reader.stop()));
      for (const { client } of identities) client.close();
    },
  };
}

export function countedMinter(minter: Minter, metrics: Pick<Metrics, 'mint'>): Minter {
  return {
    admits(owner) {
      const admitted = minter.admits(owner);
      if (!admitted) metrics.mint('limited');
      return admitted;
    },
    async mint(wanted, signal): Promise<MintOutcome> {
      const outcome = await minter.mint(wanted, signal);
      metrics.mint(outcome.kind);
      return outcome;
    },
  };
}
