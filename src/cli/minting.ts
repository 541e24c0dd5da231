import type { Minter, MintOutcome, Revoker } from '../admit/ports.ts';
import type { Config } from '../api/config.ts';
import { vaultFactsSettings } from '../config/vault-facts.ts';
import { createMinter, createRevoker } from '../facts/vault/minter.ts';
import { createOwnLogin, type OnExchange } from '../facts/vault/own-login.ts';
import { systemClock } from '../kube/clock.ts';
import { createBuckets } from '../review/buckets.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { vaultCodeOf } from '../telemetry/vault-code.ts';
import { fieldsFirst } from './fields-first.ts';

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
  const onExchange: OnExchange = (vault, ended) => metrics.vaultRequest(vault, vaultCodeOf(ended));
  const vaults = new Map(
    vaultFactsSettings(config).map((vault) => [
      vault.connection.name,
      createOwnLogin(vault, clock, { onExchange }),
    ]),
  );
  const owners = createBuckets(wrapped.perOwner, MAX_OWNERS, clock);
  const admits = (owner: string) => owners.take(owner);
  const minter = createMinter({
    vaults,
    wrapTtlSeconds: wrapped.wrapTTLSeconds,
    admits,
    clock,
    log: fieldsFirst(logger),
  });
  return {
    minter: countedMinter(minter, metrics),
    revoker: createRevoker(vaults),
    async stop() {
      await Promise.all([...vaults.values()].map((vault) => vault.stop()));
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
