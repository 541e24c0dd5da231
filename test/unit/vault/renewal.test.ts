import { afterEach, describe, expect, it } from 'vitest';
import { createVaultClient, type VaultClient } from '../../../src/vault/client.ts';
import { answer, type Behaviour, type FakeVault, startFakeVault } from '../../support/fake-vault.ts';

const token = 'hvs.token-of-the-workload-0123456789';
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function clientOf(behaviour: Behaviour): Promise<{ vault: VaultClient; fake: FakeVault }> {
  const fake = await startFakeVault(() => behaviour);
  const vault = createVaultClient({ address: fake.address }, { readAttempts: 1 });
  ends.push(
    () => vault.close(),
    () => fake.stop(),
  );
  return { vault, fake };
}

describe('renewal', () => {
  it('of a token asks with it, and takes what it gives', async () => {
    const { vault, fake } = await clientOf(
      answer({ auth: { client_token: token, lease_duration: 60, renewable: true } }),
    );
    await expect(vault.renewSelf(token)).resolves.toEqual({ ttlSeconds: 60, renewable: true });
    expect(fake.asked).toMatchObject([
      { method: 'POST', url: '/v1/auth/token/renew-self', headers: { 'x-vault-token': token }, body: '{}' },
    ]);
  });

  it('of a lease names it in the body, never in the path', async () => {
    const { vault, fake } = await clientOf(answer({ lease_id: 'db/1', lease_duration: 20, renewable: true }));
    await expect(vault.renewLease('db/../1', token)).resolves.toEqual({
      id: 'db/1',
      seconds: 20,
      renewable: true,
    });
    expect(fake.asked).toMatchObject([{ url: '/v1/sys/leases/renew', body: '{"lease_id":"db/../1"}' }]);
  });

  it.each<[string, object]>([
    ['a token without a life', { auth: { client_token: token } }],
    ['a token with a life that is no number', { auth: { lease_duration: '60' } }],
    ['nothing', {}],
  ])('that answers with %s is an error', async (_, body) => {
    const { vault } = await clientOf(answer(body));
    await expect(vault.renewSelf(token)).rejects.toMatchObject({ code: 'ERR_VAULT_PROTOCOL' });
  });

  it.each<[string, object]>([
    ['another thing than a lease', { lease_duration: 20 }],
    ['a lease without a life', { lease_id: 'db/1' }],
  ])('of a lease that answers with %s is an error', async (_, body) => {
    const { vault } = await clientOf(answer(body));
    await expect(vault.renewLease('db/1', token)).rejects.toMatchObject({ code: 'ERR_VAULT_PROTOCOL' });
  });
});

describe('the keys of the identity engine', () => {
  it('are asked for without a token', async () => {
    const { vault, fake } = await clientOf(answer({ keys: [{ kty: 'EC' }] }));
    await expect(vault.identityKeys()).resolves.toEqual({ keys: [{ kty: 'EC' }] });
    expect(fake.asked[0]?.url).toBe('/v1/identity/oidc/.well-known/keys');
    expect(fake.asked[0]?.headers).not.toHaveProperty('x-vault-token');
  });
});

describe('a client whose connections were ended', () => {
  it('makes new ones', async () => {
    const { vault, fake } = await clientOf(answer({ data: { a: 'b' } }));
    await vault.read('kv/x', token);
    vault.close();
    await expect(vault.read('kv/x', token)).resolves.toMatchObject({ data: { a: 'b' } });
    expect(fake.connections()).toBe(2);
  });
});
