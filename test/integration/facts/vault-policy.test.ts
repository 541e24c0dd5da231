import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectOf, textsOf } from '../../../src/core/json.ts';
import { API, startVaultBench, UID, type VaultBench } from '../../support/vault-facts.ts';

/** manifests/vault/countersign.hcl: with it everything can be read, and each of its lines is needed. */

let bench: VaultBench;
let blocks: readonly string[] = [];

beforeAll(async () => {
  bench = await startVaultBench();
  const text = await readFile('manifests/vault/countersign.hcl', 'utf8');
  blocks = text.replaceAll('auth/kubernetes/', 'auth/jwt/').match(/^path [^}]+\}$/gm) ?? [];
  const accessor = await bench.accessor('jwt');
  const subject = 'system:serviceaccount:shop:api';
  const entity = await bench.identity('entity', { name: 'api', policies: ['of-entity'] });
  await bench.identity('entity-alias', { name: subject, canonical_id: entity, mount_accessor: accessor });
  await bench.identity('group', { name: 'team', member_entity_ids: [entity] });
  const external = await bench.identity('group', { name: 'x', type: 'external', policies: ['external'] });
  await bench.identity('group-alias', { name: 'shop', mount_accessor: accessor, canonical_id: external });
  await bench.policy('shop-read', 'path "secret/data/shop/*" { capabilities = ["read"] }');
  const groups = { groups_claim: '/kubernetes.io/namespace' };
  await bench.jwtRole('app', { bound_subject: subject, token_policies: 'shop-read', ...groups });
}, 60_000);

afterAll(() => bench?.stop());

function without(path: string): string {
  const rest = blocks.filter((block) => !block.startsWith(`path "${path}"`));
  expect(rest).toHaveLength(blocks.length - 1);
  return rest.join('\n');
}

/** What is read of shop/api with such a policy of our own. */
async function readWith(name: string, policy: string) {
  await bench.policy(name, policy);
  await bench.jwtRole(name, {
    token_policies: name,
    token_no_default_policy: true,
    bound_subject: 'system:serviceaccount:shop:api',
    token_ttl: '1h',
  });
  const { address } = bench.bao;
  const connection = {
    name: 'default',
    address,
    authMount: 'jwt',
    authMethod: 'jwt',
    audience: 'vault',
  } as const;
  let laterMs = 0;
  const vaults = bench.watch({ role: name, connection, refreshSeconds: 3600 }, { uid: UID }, () => laterMs);
  const { read, unread, logins } = await bench.held(vaults);
  const app = logins.find(({ role }) => role === 'app');
  return {
    vaults,
    read,
    unread: unread.map(({ why }) => why),
    unknown: app?.unknown,
    later(ms: number) {
      laterMs += ms;
    },
  };
}

async function tokens(role: string): Promise<number> {
  const { data } = await bench.bao.call('LIST', 'auth/token/accessors');
  const found = await Promise.all(
    textsOf(objectOf(data)['keys']).map(async (accessor) => {
      const answer = await bench.bao.call('POST', 'auth/token/lookup-accessor', { accessor });
      return objectOf(objectOf(answer['data'])['meta'])['role'] === role;
    }),
  );
  return found.filter(Boolean).length;
}

describe('the policy that ships', () => {
  it('is enough', async () => {
    expect(await readWith('whole', blocks.join('\n'))).toMatchObject({
      read: ['default'],
      unread: [],
      unknown: [],
    });
  });

  it.each([
    ['auth/jwt/role', 'Vault policies do not allow it: vault answered 403 to list auth/jwt/role'],
    [
      'auth/jwt/role/+',
      'role app: Vault policies do not allow it: vault answered 403 to read auth/jwt/role/app',
    ],
  ])('without %s does not tell which logins there are', async (path, why) => {
    const { read, unread } = await readWith('less', without(path));
    expect(read).toEqual([]);
    expect(unread).toContainEqual(expect.stringContaining(why));
  });

  it.each([
    ['sys/policies/acl/*', 'policy shop-read: Vault policies do not allow it'],
    ['identity/lookup/entity', 'the identity of the login: Vault policies do not allow it'],
    ['identity/lookup/group', 'the identity of the login: Vault policies do not allow it'],
    ['identity/group/id/+', 'the identity of the login: Vault policies do not allow it'],
  ])('without %s does not tell what a login gives', async (path, why) => {
    const { unknown } = await readWith('less', without(path));
    expect(unknown).toContainEqual(expect.stringContaining(why));
  });

  it.each([
    ['whole', '', 1],
    ['no-renewal', 'auth/token/renew-self', 2],
  ])('renews the token that it has: %s', async (role, path, logins) => {
    const reading = await readWith(role, path === '' ? blocks.join('\n') : without(path));
    const before = await tokens(role);
    reading.later(50 * 60_000);
    await reading.vaults.live.vault(API, new AbortController().signal);
    expect((await tokens(role)) - before).toBe(logins - 1);
  });
});

describe('our own token', () => {
  it.each([
    ['is revoked in the end', 'ended', '', 0],
    ['is left behind without auth/token/revoke-self', 'left', 'auth/token/revoke-self', 1],
  ])('%s', async (_, role, path, left) => {
    await readWith(role, path === '' ? blocks.join('\n') : without(path));
    expect(await tokens(role)).toBe(1);
    await bench.stopWatching();
    expect(await tokens(role)).toBe(left);
  });
});
