import type { Facts } from '../../admit/ports.ts';
import type { Account } from '../../core/scope/scope.ts';
import { BASELINE_SCOPES } from '../../core/vault/baseline.ts';
import type { VaultHeld } from '../../core/vault/held.ts';
import type { PolicyText } from '../../core/vault/policy.ts';
import { isCapability } from '../../core/vault/policy-rule.ts';
import type { AccountLabels } from '../../core/vault/role.ts';
import { type Given, givenBy } from '../vault/given.ts';
import { admittedBy, type LoginSources } from '../vault/logins.ts';
import { ABSENT, type KnownPolicy } from '../vault/policies.ts';
import { heldOf } from '../vault/vaults.ts';
import type { VaultFolder } from './vault-files.ts';
import type { FolderRole } from './vault-roles.ts';

/**
 * What the roles and policies in a folder give. Of entities and groups a folder says nothing, so there are none.
 * @param openWorld a policy that is not in the folder is unknown; else it grants nothing, as one that is not at Vault.
 */
export function vaultOf(
  { policies, roles }: Pick<VaultFolder, 'policies' | 'roles'>,
  openWorld: boolean,
  labelsOf: (account: Account) => AccountLabels,
): Facts['vault'] {
  if (policies.size === 0 && roles.length === 0) return () => undefined;
  const connections = new Set(roles.map(({ connection }) => connection));
  const unread = openWorld ? ['the folder may not hold every role'] : [];

  function policy(name: string): KnownPolicy {
    const found = policies.get(name) ?? (name === STOCK.name ? STOCK : undefined);
    if (found !== undefined) return { kind: 'rules', policy: found };
    return openWorld ? { kind: 'unread', why: `policy ${name} is not in the folder` } : ABSENT;
  }

  function given(connection: string, labels: AccountLabels): Given {
    const own = roles.filter((role) => role.connection === connection);
    const parts = own.map((one) => {
      const sources = sourcesOf(one, policy);
      return givenBy(sources, admittedBy([one.role], labels), labels, []);
    });
    return {
      logins: parts.flatMap(({ logins }) => logins),
      unread: [...unread, ...parts.flatMap((part) => part.unread)],
    };
  }

  return (account): VaultHeld => {
    const labels = labelsOf(account);
    const none: VaultHeld = { logins: [], read: [], unread: [] };
    return heldOf([...connections].map((name) => [name, given(name, labels)])) ?? none;
  };
}

/** The `default` policy as it comes with Vault, for a folder without one. */
const STOCK: PolicyText = {
  name: 'default',
  rules: BASELINE_SCOPES.map(({ path, capabilities }) => ({
    path,
    capabilities: capabilities.filter(isCapability).toSorted(),
    constraints: [],
  })),
};

function sourcesOf(
  { connection, mount, accessor }: FolderRole,
  policy: (name: string) => KnownPolicy,
): LoginSources {
  return {
    connection,
    mount,
    askedAudience: undefined,
    accessor,
    // Which product it is, a folder does not say; they differ in lists below a path that is named twice.
    dialect: 'vault',
    policy,
    identity: ({ unknown }) => ({
      kind: 'membership',
      membership: { entity: undefined, groups: [], unknown },
    }),
  };
}
