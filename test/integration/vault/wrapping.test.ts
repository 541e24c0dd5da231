import { afterEach, describe, expect, it } from 'vitest';
import { createVaultClient, type VaultClient } from '../../../src/vault/client.ts';
import { answer, type Behaviour, type FakeVault, startFakeVault } from '../../support/fake-vault.ts';

const PATH = 'auth/token/create/wrapped_shop_api';
const INFO = {
  token: 'hvs.wrapping-token',
  wrapped_accessor: 'accessor-1',
  ttl: 120,
  creation_time: '2026-11-28T12:00:00.9Z',
  creation_path: PATH,
};
const ASKED = { path: PATH, ttlSeconds: 180, wrapTtlSeconds: 120, displayName: 'x', meta: { owner: 'y' } };

let fake: FakeVault | undefined;
let client: VaultClient | undefined;
afterEach(async () => {
  client?.close();
  await fake?.stop();
});

async function vaultThat(behaviour: Behaviour): Promise<VaultClient> {
  fake = await startFakeVault(() => behaviour);
  client = createVaultClient({ address: fake.address });
  return client;
}

describe('a token that is asked for wrapped', () => {
  it('is asked for with the header that wraps it, and with nothing else changed', async () => {
    const vault = await vaultThat(answer({ wrap_info: INFO }));

    expect(await vault.createWrapped(ASKED, 'own')).toEqual({
      wrappingToken: INFO.token,
      accessor: 'accessor-1',
      expiresAtSeconds: Date.parse('2026-11-28T12:02:00Z') / 1000,
    });
    expect(fake?.asked).toMatchObject([
      {
        method: 'POST',
        url: `/v1/${PATH}`,
        headers: { 'x-vault-token': 'own', 'x-vault-wrap-ttl': '120s' },
      },
    ]);
    expect(JSON.parse(fake?.asked[0]?.body ?? '')).toEqual({
      ttl: '180s',
      renewable: true,
      display_name: 'x',
      meta: { owner: 'y' },
    });
  });

  it('is wrapped for that call alone', async () => {
    const vault = await vaultThat(answer({ wrap_info: INFO, data: {} }));
    await vault.createWrapped(ASKED, 'own');
    await vault.read('secret/data/x', 'own');

    expect(fake?.asked[1]?.headers).not.toHaveProperty('x-vault-wrap-ttl');
  });

  it.each<[string, unknown]>([
    ['a token that is not wrapped', { auth: { client_token: 'hvs.live-token', accessor: 'a' } }],
    ['no token', { wrap_info: { ...INFO, token: '' } }],
    ['a token that Kubernetes would expand', { wrap_info: { ...INFO, token: 'hvs.$(HOME)-wrapping' } }],
    ['no accessor of what is inside', { wrap_info: { ...INFO, wrapped_accessor: '' } }],
    ['no end', { wrap_info: { ...INFO, ttl: '2m' } }],
    ['no beginning', { wrap_info: { ...INFO, creation_time: 'now' } }],
    ['something made elsewhere', { wrap_info: { ...INFO, creation_path: 'sys/wrapping/wrap' } }],
  ])('is not taken where the answer has %s, which is not shown', async (_, body) => {
    const vault = await vaultThat(answer(body));
    const failure: unknown = await vault.createWrapped(ASKED, 'own').catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'ERR_VAULT_PROTOCOL' });
    expect(String(failure)).not.toContain('hvs.');
  });
});

describe('a wrapping token', () => {
  it('is looked up without anybody’s token', async () => {
    const vault = await vaultThat(answer({ data: { creation_path: PATH } }));

    expect(await vault.creationPathOf('hvs.wrapping')).toBe(PATH);
    expect(fake?.asked[0]?.headers).not.toHaveProperty('x-vault-token');
  });

  it.each([403, 404, 405])('that is refused with %i is not said to be spent', async (status) => {
    const vault = await vaultThat(answer({ errors: ['no'] }, status));

    await expect(vault.creationPathOf('hvs.wrapping')).rejects.toMatchObject({ code: 'ERR_VAULT_REFUSED' });
    await expect(vault.unwrap('hvs.wrapping')).rejects.toMatchObject({ code: 'ERR_VAULT_REFUSED' });
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['a path that is no text', { data: { creation_path: 7 } }],
  ])('must say where it was made, and not %s', async (_, body) => {
    const vault = await vaultThat(answer(body));

    await expect(vault.creationPathOf('hvs.wrapping')).rejects.toMatchObject({ code: 'ERR_VAULT_PROTOCOL' });
  });

  it('is never sent twice by itself', async () => {
    const vault = await vaultThat(answer({ errors: [] }, 500));

    await expect(vault.unwrap('hvs.wrapping')).rejects.toMatchObject({ retryable: true });
    expect(fake?.asked).toHaveLength(1);
  });

  it('is not repeated in a failure', async () => {
    const vault = await vaultThat(answer({ errors: ['bad hvs.wrapping here'] }, 403));
    const failure: unknown = await vault.unwrap('hvs.wrapping').catch((error: unknown) => error);

    expect(String(failure)).not.toContain('hvs.wrapping');
  });
});
