import type { Account } from '../../core/scope/scope.ts';
import type { AccountLabels, AuthMethod } from '../../core/vault/role.ts';
import { type Clock, systemClock } from '../../kube/clock.ts';
import { createConnection, type VaultFactsConnection } from './connection.ts';
import type { VaultFailure } from './failure.ts';
import { createOwnLogin, type OnExchange, type OwnLoginSettings } from './own-login.ts';
import { createQuestions } from './questions.ts';
import { type VaultFacts, vaultFacts } from './vaults.ts';

/** Vaults, read in the background. */
export interface WatchedVaults extends VaultFacts {
  /** For metrics: how it stands with each connection. */
  states(): readonly VaultState[];
  /** What is wrong now, in words. */
  problems(): readonly string[];
  /** Resolves when everything has stopped after the signal's abort, our tokens revoked. */
  readonly done: Promise<void>;
}

export interface WatchedVault extends OwnLoginSettings {
  readonly connection: OwnLoginSettings['connection'] & {
    readonly authMount: string;
    readonly authMethod: AuthMethod;
    readonly audience: string;
  };
  readonly refreshSeconds: number;
}

export interface VaultState {
  readonly name: string;
  /** Since its roles and policies were last read; infinite before the first time. */
  readonly ageSeconds: number;
  readonly failing: boolean;
}

export interface WatchOptions {
  readonly labelsOf: (account: Account) => AccountLabels;
  /** How old facts may be. Those of a Vault may miss one reading, whatever this says. */
  readonly factsMaxAgeSeconds: number;
  readonly signal: AbortSignal;
  readonly log: VaultLog;
  readonly onExchange?: OnExchange | undefined;
  readonly clock?: Clock;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** Fields first, as pino has it. */
export interface VaultLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** @throws CountersignError `ERR_CONFIG` for an endpoint that cannot be used */
export function watchVaults(vaults: readonly WatchedVault[], options: WatchOptions): WatchedVaults {
  const { labelsOf, signal } = options;
  const watched = vaults.map((vault) => watchOne(vault, options));
  const connections = watched.map(({ connection }) => connection);
  return {
    ...vaultFacts(connections, labelsOf),
    states: () =>
      connections.map((connection) => ({
        name: connection.name,
        ageSeconds: connection.ageMs() / 1000,
        failing: connection.failure() !== undefined,
      })),
    problems: () =>
      connections.flatMap((connection) => {
        const failure = connection.failure();
        return failure === undefined ? [] : [`Vault connection ${connection.name}: ${failure.why}`];
      }),
    done: Promise.all(watched.map(({ run }) => run(signal))).then(() => undefined),
  };
}

function watchOne(
  vault: WatchedVault,
  { factsMaxAgeSeconds, log, onExchange, clock = systemClock, random = Math.random }: WatchOptions,
): { readonly connection: VaultFactsConnection; readonly run: (signal: AbortSignal) => Promise<void> } {
  const { connection, refreshSeconds } = vault;
  const { name, authMount: mount, authMethod: method, audience } = connection;
  const own = createOwnLogin(vault, clock, { onExchange, random });
  const watched = createConnection({
    name,
    mount,
    method,
    audience,
    refreshSeconds,
    maxAgeSeconds: Math.max(factsMaxAgeSeconds, 2.5 * refreshSeconds),
    questions: createQuestions(own.client, own.reader, mount),
    clock,
    random,
    onChange: narrator(name, log),
  });
  return {
    connection: watched,
    async run(signal) {
      await watched.run(signal);
      await own.stop();
    },
  };
}

/** Says what changes, not every attempt. */
function narrator(vault: string, log: VaultLog): (failure: VaultFailure | undefined) => void {
  let said: VaultFailure['code'] | undefined = 'NotYet';
  return (failure) => {
    if (failure?.code === said) return;
    said = failure?.code;
    if (failure === undefined) log.info({ vault }, 'the roles and policies of a Vault are read');
    else log.warn({ vault, code: failure.code, problem: failure.why }, 'a Vault cannot be read');
  };
}
