import { CountersignError } from '../../core/errors.ts';
import type { Account } from '../../core/scope/scope.ts';
import { shown } from '../../core/text.ts';
import type { AccountLabels, AuthMethod } from '../../core/vault/role.ts';
import { systemClock } from '../../kube/clock.ts';
import { createVaultClient } from '../../vault/client.ts';
import type { VaultEndpoint } from '../../vault/endpoint.ts';
import { createConnection } from './connection.ts';
import { inTurns } from './in-turns.ts';
import { personalFailure, toldFailure } from './personal-failure.ts';
import { createQuestions } from './questions.ts';
import { WIDTH } from './table.ts';
import { type VaultFacts, vaultFacts } from './vaults.ts';

/** A Vault as one person may read it, read when it is asked for. */
export interface PersonalVault {
  /** Of the connection in the configuration. */
  readonly name: string;
  /**
   * Its roles and policies, and what these accounts would be given.
   * @param labelsOf what is known of an account
   * @throws CountersignError where nothing of it can be read: why, and what to do next
   */
  read(accounts: readonly Account[], labelsOf: (account: Account) => AccountLabels): Promise<ReadVault>;
}

export interface ReadVault {
  /** `undefined`: it was not read. */
  readonly facts: VaultFacts | undefined;
  /** What of it could not be read, in sentences. */
  readonly incomplete: readonly string[];
}

export interface PersonalVaultOptions {
  readonly name: string;
  /** Of the auth method that pods log in at, without `auth/`. */
  readonly mount: string;
  readonly endpoint: VaultEndpoint;
  /** Asked for at each reading, since the person may log in anew between two. */
  readonly token: () => Promise<string>;
}

/** For the first question, which shows whether there are answers at all. */
const FIRST_MS = 10_000;
/** Longer than any reading takes. */
const NEVER_SECONDS = 24 * 3600;

/** @throws CountersignError `ERR_CONFIG` for an endpoint that cannot be used */
export function createPersonalVault(options: PersonalVaultOptions): PersonalVault {
  const { name, mount, endpoint, token } = options;
  const client = createVaultClient(endpoint);
  return {
    name,
    async read(accounts, labelsOf) {
      const held = await token();
      const signal = new AbortController().signal;
      const questions = createQuestions(client, { call: (ask) => ask(held) }, mount);
      try {
        const { type } = await questions.mount(AbortSignal.timeout(FIRST_MS));
        const connection = createConnection({
          name,
          mount,
          method: methodOf(type, mount),
          audience: undefined,
          refreshSeconds: NEVER_SECONDS,
          maxAgeSeconds: NEVER_SECONDS,
          questions,
          clock: systemClock,
          random: Math.random,
          onChange: () => undefined,
        });
        await connection.read(signal);
        const failure = connection.failure();
        if (failure !== undefined) throw personalFailure(failure, options);
        const facts = vaultFacts([connection], labelsOf);
        await inTurns(WIDTH, accounts, (account) => facts.prepareVault(account, signal));
        return { facts, incomplete: gaps(facts, accounts) };
      } catch (error) {
        throw await toldFailure(error, () => client.lookupSelf(held), options);
      } finally {
        client.close();
      }
    },
  };
}

function methodOf(type: string, mount: string): AuthMethod {
  if (type === 'kubernetes' || type === 'jwt') return type;
  const found = `auth/${shown(mount, 100)} is of type ${shown(type, 40)}`;
  throw new CountersignError(
    'ERR_CONFIG',
    `${found}: service accounts log in by kubernetes or jwt; --vault-auth-mount names another mount`,
  );
}

const MAX_GAPS = 50;

function gaps(facts: VaultFacts, accounts: readonly Account[]): readonly string[] {
  const found = new Set<string>();
  for (const account of accounts) {
    const held = facts.vault(account);
    for (const { connection, why } of held?.unread ?? []) found.add(`Vault connection ${connection}: ${why}`);
    for (const { role, unknown } of held?.logins ?? []) {
      for (const why of unknown) found.add(`Vault role ${role}: ${why}`);
    }
  }
  const all = [...found].toSorted().map((line) => shown(line, 500));
  const more = all.length - MAX_GAPS;
  return more > 0 ? [...all.slice(0, MAX_GAPS), `${more} more roles or policies of Vault`] : all;
}
