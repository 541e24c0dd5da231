import type { Facts, LiveTruth } from '../../admit/ports.ts';
import type { Account } from '../../core/scope/scope.ts';
import type { VaultHeld } from '../../core/vault/held.ts';
import type { AccountLabels } from '../../core/vault/role.ts';
import type { VaultFactsConnection } from './connection.ts';
import { FAILURES } from './failure.ts';
import type { Given } from './given.ts';

/** All connections whose roles and policies are read. */
export interface VaultFacts extends Pick<Facts, 'vault' | 'prepareVault'> {
  readonly live: Pick<LiveTruth, 'vault'>;
}

/** @param labelsOf what is known of an account */
export function vaultFacts(
  connections: readonly VaultFactsConnection[],
  labelsOf: (account: Account) => AccountLabels,
): VaultFacts {
  return {
    vault(account) {
      const labels = labelsOf(account);
      return heldOf(connections.map((connection) => [connection.name, connection.given(labels)]));
    },
    async prepareVault(account, signal) {
      const labels = labelsOf(account);
      await Promise.all(connections.map((connection) => connection.prepare(labels, signal)));
    },
    live: {
      async vault(account, signal, named) {
        const labels = labelsOf(account);
        const answers = await Promise.all(
          connections.map(async (connection) => {
            const role = named?.connection === connection.name ? named.role : undefined;
            return [connection.name, (await connection.live(labels, role, signal)) ?? LATE] as const;
          }),
        );
        return heldOf(answers);
      },
    },
  };
}

const LATE: Given = { logins: [], unread: [FAILURES.Late] };

export function heldOf(all: readonly (readonly [string, Given])[]): VaultHeld | undefined {
  if (all.length === 0) return undefined;
  return {
    logins: all.flatMap(([, { logins }]) => logins),
    read: all.filter(([, { unread }]) => unread.length === 0).map(([name]) => name),
    unread: all.flatMap(([connection, { unread }]) => unread.map((why) => ({ connection, why }))),
  };
}
