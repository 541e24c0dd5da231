import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVaultClient, type VaultClient } from '../../../src/vault/client.ts';
import { furnish, role } from '../../support/agent-openbao.ts';
import { type OpenBao, startOpenBao } from '../../support/openbao.ts';
import { enableJwt, type JwtMount } from '../../support/openbao-jwt.ts';

const refused = { code: 'ERR_VAULT_REFUSED', retryable: false };

describe('renewal with a real OpenBao', () => {
  let bao: OpenBao;
  let vault: VaultClient;
  let jwt: JwtMount;

  beforeAll(async () => {
    bao = await startOpenBao({ tls: false });
    vault = createVaultClient({ address: bao.address });
    jwt = await enableJwt(bao);
    await furnish(bao);
    await role(bao, 'long', '1h', '10h');
    await role(bao, 'short', '10s', '10s');
  });
  afterAll(async () => {
    vault?.close();
    await bao?.stop();
  });

  const login = async (name: string) => vault.login({ mount: 'jwt', role: name, jwt: await jwt.sign() });

  it('gives a token its whole life again', async () => {
    const { token } = await login('long');
    await expect(vault.renewSelf(token)).resolves.toEqual({ ttlSeconds: 3600, renewable: true });
  });

  it('gives less near the maximum of a token, and that is how it is known', async () => {
    const { token, ttlSeconds } = await login('short');
    await sleep(2500);
    const renewed = await vault.renewSelf(token);
    expect(ttlSeconds).toBe(10);
    expect(renewed.ttlSeconds).toBeLessThan(9);
    expect(renewed.ttlSeconds).toBeGreaterThan(4);
  });

  it('is refused to a token that was revoked, and so are its leases', async () => {
    const { token } = await login('long');
    const { lease } = await vault.write('pki/issue/shop', { common_name: 'a' }, token);
    await vault.revokeSelf(token);

    await expect(vault.renewSelf(token)).rejects.toMatchObject(refused);
    await expect(vault.renewLease(lease?.id ?? '', token)).rejects.toMatchObject(refused);
    const other = await login('long');
    await expect(vault.renewLease(lease?.id ?? '', other.token)).rejects.toMatchObject(refused);
  });

  it('of a certificate is refused: it ends when it says', async () => {
    const { token } = await login('long');
    const { lease } = await vault.write('pki/issue/shop', { common_name: 'a' }, token);

    expect(lease?.renewable).toBe(false);
    // Vault counts in whole seconds, and rounds down.
    expect([19, 20]).toContain(lease?.seconds);
    await expect(vault.renewLease(lease?.id ?? '', token)).rejects.toMatchObject(refused);
  });

  it('shows the public keys of the identity engine to anybody', async () => {
    const { keys } = await vault.identityKeys();
    expect(Array.isArray(keys) && keys.length).toBeGreaterThan(0);
    expect(JSON.stringify(keys)).not.toContain('"d"');
  });
});
