import type { VaultLogin } from '../../core/vault/held.ts';
import type { AccountLabels } from '../../core/vault/role.ts';
import { type Admitted, admittedBy, type LoginSources, loginOf } from './logins.ts';
import type { VaultTable } from './table.ts';

/** What one connection gives an account. */
export interface Given {
  readonly logins: readonly VaultLogin[];
  /** Why there may be other logins. Empty: these are all. */
  readonly unread: readonly string[];
}

export function givenBy(
  sources: LoginSources,
  { roles, open }: Admitted,
  labels: AccountLabels,
  unread: readonly string[],
): Given {
  return {
    logins: roles.flatMap((admitted) => loginOf(sources, admitted, labels) ?? []),
    unread: [...unread, ...open],
  };
}

/** Of the accounts that were asked for last: their logins cost some 30 kB each, and take a while to make. */
export interface GivenMemory {
  /** The roles of the table that admit the account. */
  admitted(table: VaultTable, labels: AccountLabels): Admitted;
  /** Made when it is not known, or was forgotten. */
  given(table: VaultTable, labels: AccountLabels, make: (admitted: Admitted) => Given): Given;
  /** What is given, not who is admitted. */
  forget(labels: AccountLabels): void;
}

const MAX_ENTRIES = 1000;

interface Entry {
  readonly table: VaultTable;
  readonly labels: AccountLabels;
  readonly admitted: Admitted;
  given: Given | undefined;
}

export function createGivenMemory(): GivenMemory {
  const entries = new Map<string, Entry>();

  function entryOf(table: VaultTable, labels: AccountLabels): Entry {
    const key = keyOf(labels);
    const known = entries.get(key);
    const entry =
      known?.table === table && isSame(known.labels, labels)
        ? known
        : { table, labels, admitted: admittedBy(table.index.maybe(labels), labels), given: undefined };
    // The one that was asked for last is last, so the first is the one to forget.
    entries.delete(key);
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
    return entry;
  }

  return {
    admitted: (table, labels) => entryOf(table, labels).admitted,
    given(table, labels, make) {
      const entry = entryOf(table, labels);
      entry.given ??= make(entry.admitted);
      return entry.given;
    },
    forget(labels) {
      const entry = entries.get(keyOf(labels));
      if (entry !== undefined) entry.given = undefined;
    },
  };
}

function keyOf({ account: { namespace, name } }: AccountLabels): string {
  return `${namespace}/${name}`;
}

/** Labels are the same object until the namespace changes. */
function isSame(one: AccountLabels, other: AccountLabels): boolean {
  return one.uid === other.uid && one.namespaceLabels === other.namespaceLabels;
}
