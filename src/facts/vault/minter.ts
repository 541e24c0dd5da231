import type { Minter, MintOutcome, Revoker, WantedToken } from '../../admit/ports.ts';
import { CountersignError } from '../../core/errors.ts';
import { creationPath } from '../../core/inject/issuance.ts';
import type { Clock } from '../../kube/clock.ts';
import type { VaultClient } from '../../vault/client.ts';
import { orAborted } from '../cluster/questions.ts';
import { failureOf, type VaultFailure } from './failure.ts';
import type { VaultReader } from './reader.ts';
import { createTokenRoles } from './token-roles.ts';
import type { VaultLog } from './watch.ts';

/** A connection by which tokens are minted and revoked, as Countersign itself. */
export interface MintingVault {
  readonly client: Pick<VaultClient, 'createWrapped' | 'revokeAccessor' | 'read'>;
  readonly reader: Pick<VaultReader, 'call'>;
}

export interface MinterOptions {
  /** By name. */
  readonly vaults: ReadonlyMap<string, MintingVault>;
  readonly wrapTtlSeconds: number;
  readonly admits: (owner: string) => boolean;
  readonly clock: Clock;
  readonly log: VaultLog;
}

/** A token lives so much longer than its wrapper: time for the first renewal, and not more for one that nobody takes. */
const RENEWAL_SECONDS = 60;

export function createMinter(options: MinterOptions): Minter {
  const { vaults, wrapTtlSeconds, admits } = options;
  const circuit = createCircuit(options);
  const roles = createTokenRoles(options.clock);

  async function create(
    { client, reader }: MintingVault,
    wanted: WantedToken,
    signal: AbortSignal,
  ): Promise<MintOutcome> {
    const { account, tokenRole, owner } = wanted;
    const asked = {
      path: creationPath(tokenRole),
      ttlSeconds: wrapTtlSeconds + RENEWAL_SECONDS,
      wrapTtlSeconds,
      displayName: `countersign-${account.namespace}-${account.name}`,
      meta: { namespace: account.namespace, serviceAccount: account.name, owner },
    };
    const problem = await roles.problem(wanted.vault, tokenRole, () =>
      reader.call((token) => client.read(`auth/token/roles/${tokenRole}`, token, signal)),
    );
    if (problem !== undefined) return failed(problem);
    const minted = await reader.call((token) => client.createWrapped(asked, token, signal));
    return { kind: 'minted', minted } as const;
  }

  return {
    admits,
    async mint(wanted, signal): Promise<MintOutcome> {
      const vault = vaults.get(wanted.vault);
      if (vault === undefined)
        return failed('the connection has no identity of our own (vaults.<name>.facts)');
      if (circuit.isOpen(wanted.vault)) return failed('Vault failed several times just now');
      try {
        const outcome = await orAborted(create(vault, wanted, signal), signal);
        if (outcome === undefined) return missed(LATE);
        if (outcome.kind === 'minted') circuit.closed(wanted.vault);
        return outcome;
      } catch (error) {
        return missed(signal.aborted ? LATE : failureOf(error));
      }

      function missed(failure: VaultFailure): MintOutcome {
        circuit.failed(wanted.vault, failure);
        return failed(failure.why);
      }
    },
  };
}

const LATE: VaultFailure = { code: 'Late', why: 'Vault does not answer in time' };

function failed(why: string): MintOutcome {
  return { kind: 'failed', why };
}

const FAILURES_BEFORE_PAUSE = 3;
const PAUSE_MS = 10_000;

interface Run {
  /** In a row. What is refused is none of them: it is refused for one role, and at once. */
  readonly failures: number;
  readonly at: number;
  readonly said: VaultFailure['code'];
}

/** A Vault that is away would hold every admission for two seconds: after a few it is left alone for a while. */
function createCircuit({ clock, log }: Pick<MinterOptions, 'clock' | 'log'>) {
  const runs = new Map<string, Run>();
  return {
    isOpen(vault: string): boolean {
      const run = runs.get(vault);
      return run !== undefined && run.failures >= FAILURES_BEFORE_PAUSE && clock.now() - run.at < PAUSE_MS;
    },
    failed(vault: string, { code, why }: VaultFailure): void {
      const { failures: before = 0, said } = runs.get(vault) ?? {};
      if (code !== said) log.warn({ vault, code, problem: why }, 'no wrapped token from a Vault');
      const failures = code === 'Refused' || code === 'NotAllowed' ? before : before + 1;
      runs.set(vault, { failures, at: clock.now(), said: code });
    },
    closed(vault: string): void {
      if (runs.delete(vault)) log.info({ vault }, 'a Vault gives wrapped tokens again');
    },
  };
}

export function createRevoker(vaults: ReadonlyMap<string, MintingVault>): Revoker {
  return {
    async revoke(name, accessor, signal) {
      const vault = vaults.get(name);
      if (vault === undefined) {
        throw new CountersignError('ERR_CONFIG', 'the connection has no identity of our own');
      }
      await vault.reader.call((token) => vault.client.revokeAccessor(accessor, token, signal));
    },
  };
}
