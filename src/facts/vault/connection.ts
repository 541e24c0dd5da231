import type { AccountLabels, AuthMethod } from '../../core/vault/role.ts';
import type { Clock } from '../../kube/clock.ts';
import { createQuestions, orAborted } from '../cluster/questions.ts';
import { failureOf, type VaultFailure } from './failure.ts';
import { createGivenMemory, type Given, givenBy } from './given.ts';
import { createIdentities } from './identities.ts';
import { readLive } from './live.ts';
import { identityOf } from './login-identity.ts';
import { type LoginSources, policiesOfMember } from './logins.ts';
import { readMembership } from './memberships.ts';
import { createMorePolicies } from './more-policies.ts';
import type { VaultQuestions } from './questions.ts';
import { createRefresh } from './refresh.ts';
import { readTable, type VaultTable } from './table.ts';

/** One connection to a Vault, and what the roles of its auth mount give. */
export interface VaultFactsConnection {
  readonly name: string;
  /** From memory. */
  given(labels: AccountLabels): Given;
  /** So that `given` knows the account's entity and groups: asks for what is not known, or old. */
  prepare(labels: AccountLabels, signal: AbortSignal): Promise<void>;
  /**
   * Asks Vault itself, for the roles that may admit the account.
   * @param named a role to read whatever is known of it.
   * @returns `undefined`: the signal aborted first
   */
  live(labels: AccountLabels, named: string | undefined, signal: AbortSignal): Promise<Given | undefined>;
  /** Why it could not be read, the last time. */
  failure(): VaultFailure | undefined;
  /** Milliseconds since the last time that it could be read; infinite before. */
  ageMs(): number;
  /** Reads the roles and policies once, now; what went wrong is `failure`. */
  read(signal: AbortSignal): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

export interface ConnectionOptions {
  readonly name: string;
  /** Of the auth method that pods log in at. */
  readonly mount: string;
  readonly method: AuthMethod;
  /** For which they ask for their token; `undefined`: not known. */
  readonly audience: string | undefined;
  readonly refreshSeconds: number;
  /** Beyond which what is known proves nothing any more. */
  readonly maxAgeSeconds: number;
  readonly questions: VaultQuestions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onChange: (failure: VaultFailure | undefined) => void;
}

/** An admission waits for it. */
const ASK_MS = 3000;

export function createConnection(options: ConnectionOptions): VaultFactsConnection {
  const { name, mount, method, audience, questions, clock, refreshSeconds } = options;
  const refresh = createRefresh({
    ...options,
    read: (signal) => readTable({ questions, method, signal }, more.names()),
    onChange: () => options.onChange(refresh.failure()),
  });
  const more = createMorePolicies(questions, (policy) => refresh.table()?.policies.has(policy) === true);
  const identities = createIdentities({
    read: (login) => readMembership(questions, login, refresh.table()?.mount.accessor ?? '', askSignal()),
    maxAgeMs: refreshSeconds * 1000,
    clock,
  });
  const memory = createGivenMemory();
  const live = createQuestions<Given>(clock);
  const about = { connection: name, mount, askedAudience: audience };

  function sourcesOf({ mount: { accessor, dialect }, policies }: VaultTable): LoginSources {
    return {
      ...about,
      accessor,
      dialect,
      policy: (policy) => policies.get(policy) ?? more.get(policy),
      identity: (login) => identities.known(login),
    };
  }

  async function prepare(table: VaultTable, labels: AccountLabels): Promise<void> {
    const { roles } = memory.admitted(table, labels);
    const logins = roles.map(({ role }) => identityOf(role, labels));
    const asked = await Promise.all(logins.map((login) => identities.prepare(login)));
    const policies = logins.flatMap((login) => {
      const known = identities.known(login);
      return known?.kind === 'membership' ? policiesOfMember(known.membership) : [];
    });
    const read = await more
      .read(policies, askSignal())
      .catch((error: unknown) => failureOf(error) !== undefined);
    if (read || asked.includes(true)) memory.forget(labels);
  }

  return {
    name,
    given(labels) {
      const table = refresh.table();
      const failure = refresh.failure();
      if (table === undefined)
        return { logins: [], unread: [failure?.why ?? 'its roles have not been read yet'] };
      const given = memory.given(table, labels, (admitted) =>
        givenBy(sourcesOf(table), admitted, labels, table.unread),
      );
      const ageMs = refresh.ageMs();
      if (ageMs <= options.maxAgeSeconds * 1000) return given;
      const old = `Vault was read ${Math.round(ageMs / 1000)} s ago${failure === undefined ? '' : `; ${failure.why}`}`;
      return { ...given, unread: [old, ...given.unread] };
    },
    async prepare(labels, signal) {
      const table = refresh.table();
      if (table !== undefined) await orAborted(prepare(table, labels), signal);
    },
    live: (labels, named, signal) =>
      live.ask(
        JSON.stringify([labels, named]),
        () =>
          readLive({ questions, method, about, table: refresh.table(), labels, named, signal: askSignal() }),
        signal,
      ),
    failure: () => refresh.failure(),
    ageMs: () => refresh.ageMs(),
    read: (signal) => refresh.read(signal),
    run: (signal) => refresh.run(signal),
  };
}

/** Shared by all who ask the same, so it is none of theirs. */
function askSignal(): AbortSignal {
  return AbortSignal.timeout(ASK_MS);
}
