import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { capabilitiesAt } from '../../../src/core/vault/acl.ts';
import type { VaultHeld, VaultLogin } from '../../../src/core/vault/held.ts';
import { API, startVaultBench, UID, type VaultBench } from '../../support/vault-facts.ts';

const OPEN = new AbortController().signal;

let bench: VaultBench;

beforeAll(async () => {
  bench = await startVaultBench();
  await bench.policy('shop-read', allow('secret/data/shop/*', 'read'));
}, 60_000);

afterAll(() => bench?.stop());

function allow(path: string, capability: string): string {
  return `path "${path}" { capabilities = ["${capability}"] }`;
}

function loginBy(held: VaultHeld | undefined, role: string): VaultLogin {
  const login = held?.logins.find((one) => one.role === role);
  if (login === undefined) throw new Error(`no login by ${role}: ${JSON.stringify(held?.unread)}`);
  return login;
}

describe('the logins of an account, read from a real OpenBao with the policy that ships', () => {
  it('are those of the roles that admit it, with what their policies give', async () => {
    await bench.role('shop_api', { token_policies: 'shop-read, gone', token_ttl: '10m', audience: 'vault' });
    await bench.role('other', { bound_service_account_names: 'web', token_policies: 'shop-read' });
    const held = await bench.held(bench.watch());

    expect(held).toMatchObject({ read: ['default'], unread: [] });
    expect(held.logins.map(({ role }) => role)).toEqual(['shop_api']);
    const login = loginBy(held, 'shop_api');
    expect(login).toMatchObject({
      connection: 'default',
      mount: 'kubernetes',
      anyAccount: false,
      unknown: [],
      terms: {
        ttlSeconds: 600,
        askedAudience: 'vault',
        audiences: ['vault'],
        policies: ['gone', 'shop-read'],
      },
    });
    expect(login.acl.dialect).toBe('openbao');
    expect(capabilitiesAt(login.acl, 'secret/data/shop/db')).toEqual(['read']);
    expect(capabilitiesAt(login.acl, 'auth/token/renew-self')).toEqual(['update']);
    expect(capabilitiesAt(login.acl, 'secret/data/other')).toEqual(['deny']);
  });

  it('say when a role binds nobody: both of its lists are `*`', async () => {
    await bench.role('open', { bound_service_account_names: '*', bound_service_account_namespaces: '*' });
    const held = await bench.held(bench.watch());
    expect(loginBy(held, 'open').anyAccount).toBe(true);
    expect(loginBy(held, 'shop_api').anyAccount).toBe(false);
    await bench.bao.call('DELETE', 'auth/kubernetes/role/open');
  });

  it('have what the entity of the account and its groups add', async () => {
    const accessor = await bench.accessor('kubernetes');
    await bench.policy('of-entity', allow('kv/entity', 'read'));
    await bench.policy('of-group', allow('kv/group', 'read'));
    await bench.policy('of-parent', allow('kv/{{identity.entity.metadata.team}}', 'read'));
    const entity = await bench.identity('entity', {
      name: 'api',
      policies: ['Of-Entity'],
      metadata: { team: 'red' },
    });
    await bench.identity('entity-alias', { name: UID, canonical_id: entity, mount_accessor: accessor });
    const group = await bench.identity('group', {
      name: 'g',
      policies: ['of-group'],
      member_entity_ids: [entity],
    });
    await bench.identity('group', { name: 'p', policies: ['of-parent'], member_group_ids: [group] });
    const login = loginBy(await bench.held(bench.watch()), 'shop_api');

    expect(login.unknown).toEqual([]);
    const paths = ['kv/entity', 'kv/group', 'kv/red', 'kv/blue'];
    expect(paths.map((path) => capabilitiesAt(login.acl, path)[0])).toEqual(['read', 'read', 'read', 'deny']);
    expect(capabilitiesAt(login.acl, `identity/entity/id/${entity}`)).toEqual(['read']);
  });

  it('are not known whole until the identity of the account has been asked for', async () => {
    const vaults = bench.watch();
    await vi.waitFor(() => expect(vaults.vault(API)?.logins).not.toEqual([]), { timeout: 10_000 });
    expect(loginBy(vaults.vault(API), 'shop_api').unknown).toEqual([
      'the identity of the login has not been read yet',
      expect.stringContaining('policy default: {{identity.entity.id}}'),
      expect.stringContaining('policy default: {{identity.entity.name}}'),
    ]);
    await vaults.prepareVault(API, OPEN);
    expect(loginBy(vaults.vault(API), 'shop_api').unknown).toEqual([]);
  });

  it('are known without waiting for an identity that is asked for too late', async () => {
    const vaults = bench.watch();
    await vi.waitFor(() => expect(vaults.vault(API)?.logins).not.toEqual([]), { timeout: 10_000 });
    await vaults.prepareVault(API, AbortSignal.abort());
    expect(loginBy(vaults.vault(API), 'shop_api').unknown).toContain(
      'the identity of the login has not been read yet',
    );
  });

  it('are none by an entity that is disabled', async () => {
    const accessor = await bench.accessor('kubernetes');
    const off = { ...API, name: 'off' };
    const entity = await bench.identity('entity', { name: 'off', disabled: true });
    await bench.identity('entity-alias', {
      name: 'shop/off',
      canonical_id: entity,
      mount_accessor: accessor,
    });
    await bench.role('off', { bound_service_account_names: 'off', alias_name_source: 'serviceaccount_name' });
    expect(await bench.held(bench.watch(), off)).toEqual({ logins: [], read: ['default'], unread: [] });
  });

  it('have the names of the account in their templates, before its first login too', async () => {
    const accessor = await bench.accessor('kubernetes');
    const meta = `{{identity.entity.aliases.${accessor}.metadata.service_account_namespace}}`;
    await bench.policy('own', allow(`secret/data/${meta}/own`, 'read'));
    await bench.role('tpl', { bound_service_account_names: 'new', token_policies: 'own' });
    const held = await bench.held(bench.watch({}, { uid: undefined }), { ...API, name: 'new' });
    const login = loginBy(held, 'tpl');
    expect(login.unknown).toEqual([]);
    expect(capabilitiesAt(login.acl, 'secret/data/shop/own')).toEqual(['read']);
  });

  it('change with a policy that disappears between two readings, and with one that is edited', async () => {
    await bench.policy('brief', allow('kv/brief', 'read'));
    await bench.role('brief', { token_policies: 'brief' });
    const vaults = bench.watch({ refreshSeconds: 0.05 });
    const now = async () => capabilitiesAt(loginBy(await bench.held(vaults), 'brief').acl, 'kv/brief');
    expect(await now()).toEqual(['read']);
    await bench.policy('brief', allow('kv/brief', 'update'));
    await vi.waitFor(async () => expect(await now()).toEqual(['update']), { timeout: 10_000 });
    await bench.bao.call('DELETE', 'sys/policies/acl/brief');
    await vi.waitFor(async () => expect(await now()).toEqual(['deny']), { timeout: 10_000 });
    expect(loginBy(vaults.vault(API), 'brief').unknown).toEqual([]);
    await bench.bao.call('DELETE', 'auth/kubernetes/role/brief');
  });

  it('are asked for anew before a denial: policies, roles that are new, and the one that is named', async () => {
    await bench.policy('late', allow('kv/late', 'read'));
    await bench.role('late', { token_policies: 'late' });
    await bench.role('rebound', { bound_service_account_names: 'web', token_policies: 'late' });
    const vaults = bench.watch();
    expect(capabilitiesAt(loginBy(await bench.held(vaults), 'late').acl, 'kv/late')).toEqual(['read']);

    await bench.policy('late', allow('kv/late', 'update'));
    await bench.role('newest', { token_policies: 'late' });
    await bench.role('rebound', { bound_service_account_names: 'api', token_policies: 'late' });
    const live = await vaults.live.vault(API, OPEN, { connection: 'default', role: 'Rebound' });

    expect(live).toMatchObject({ read: ['default'], unread: [] });
    for (const role of ['late', 'newest', 'rebound']) {
      expect(capabilitiesAt(loginBy(live, role).acl, 'kv/late')).toEqual(['update']);
    }
    expect(capabilitiesAt(loginBy(vaults.vault(API), 'late').acl, 'kv/late')).toEqual(['read']);
  });
});

describe('our own token', () => {
  it('is had anew when it has been revoked, by the token that the file holds then', async () => {
    await bench.role('mine', { token_policies: 'shop-read' });
    let nowMs = 0;
    const vaults = bench.watch({ refreshSeconds: 0.05 }, {}, () => nowMs);
    await bench.held(vaults);
    await writeFile(bench.tokenFile, await bench.jwt.sign());
    await bench.revokeAll();
    nowMs += 60_000;
    await bench.role('after', { token_policies: 'shop-read' });
    await vi.waitFor(() => expect(vaults.vault(API)?.logins.map(({ role }) => role)).toContain('after'), {
      timeout: 10_000,
    });
    expect(vaults.problems()).toEqual([]);
  });
});
