import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createVaultClient, type VaultClient } from '../../../src/vault/client.ts';
import { type OpenBao, startOpenBao } from '../../support/openbao.ts';
import { enableJwt } from '../../support/openbao-jwt.ts';

describe.each([{ tls: false }, { tls: true }])('a real OpenBao, tls: $tls', ({ tls }) => {
  let bao: OpenBao;
  let vault: VaultClient;
  let jwt = '';

  beforeAll(async () => {
    bao = await startOpenBao({ tls });
    vault = createVaultClient({ address: bao.address, ...(bao.ca === undefined ? {} : { ca: bao.ca }) });
    const mount = await enableJwt(bao);
    await mount.role('app', { policies: ['default'] });
    jwt = await mount.sign();
  });

  afterAll(async () => {
    vault?.close();
    await bao?.stop();
  });

  it('logs a workload in, knows its token, and revokes it', async () => {
    const login = await vault.login({ mount: 'jwt', role: 'app', jwt });
    expect(login).toMatchObject({ ttlSeconds: 600, renewable: true });

    const state = await vault.lookupSelf(login.token);
    expect(state.ttlSeconds).toBeGreaterThan(590);

    await vault.revokeSelf(login.token);
    await expect(vault.lookupSelf(login.token)).rejects.toMatchObject({
      code: 'ERR_VAULT_REFUSED',
      message: 'vault answered 403 to read auth/token/lookup-self: permission denied',
    });
  });

  it('says why a login is refused', async () => {
    await expect(vault.login({ mount: 'jwt', role: 'nobody', jwt })).rejects.toMatchObject({
      code: 'ERR_VAULT_REFUSED',
      message: 'vault answered 400 to the login at auth/jwt as role nobody: role "nobody" could not be found',
    });
  });

  it.each(['plain', 'a&b', "it's", '{{x}}', 'a b', 'q?v=1#f', '%2e%2e', '&#x2F;', 'ü-字'])(
    'keeps what is written to %j apart from every other path',
    async (name) => {
      await vault.write(`secret/data/names/${name}`, { data: { name } }, bao.rootToken);

      const { data } = await vault.read(`secret/data/names/${name}`, bao.rootToken);

      expect(data?.['data']).toEqual({ name });
      const { data: listed } = await bao.call('LIST', 'secret/metadata/names');
      expect(listed).toMatchObject({ keys: expect.arrayContaining([name]) });
    },
  );

  it('has nothing at a path where nothing is', async () => {
    await expect(vault.read('secret/data/nothing', bao.rootToken)).resolves.toEqual({
      data: undefined,
      lease: undefined,
      warnings: [],
    });
  });

  it('warns of a path of the other KV version', async () => {
    const { data, warnings } = await vault.read('secret/plain', bao.rootToken);
    expect(data).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('Invalid path for a versioned K/V secrets engine')]);
  });

  it('answers while variables for the command line of Vault point elsewhere', async () => {
    vi.stubEnv('VAULT_ADDR', 'http://127.0.0.1:1');
    vi.stubEnv('VAULT_TOKEN', 'nobody');
    vi.stubEnv('VAULT_SKIP_VERIFY', 'false');
    const other = createVaultClient({
      address: bao.address,
      ...(bao.ca === undefined ? {} : { ca: bao.ca }),
    });
    try {
      await expect(other.lookupSelf(bao.rootToken)).resolves.toMatchObject({ ttlSeconds: 0 });
    } finally {
      other.close();
      vi.unstubAllEnvs();
    }
  });

  // Last: nothing answers behind it.
  it('says that it is sealed', async () => {
    await bao.call('POST', 'sys/seal');
    await expect(vault.lookupSelf(bao.rootToken)).rejects.toMatchObject({
      code: 'ERR_VAULT_SEALED',
      retryable: true,
      message: 'vault answered 503 to read auth/token/lookup-self: Vault is sealed',
    });
  });
});

describe('the certificate of a real OpenBao', () => {
  let bao: OpenBao;
  const clients: VaultClient[] = [];

  beforeAll(async () => {
    bao = await startOpenBao({ tls: true });
  });

  afterAll(async () => {
    for (const one of clients) one.close();
    await bao?.stop();
  });

  function lookup(trust: { readonly ca?: string; readonly tlsServerName?: string }) {
    const vault = createVaultClient({ address: bao.address, ...trust });
    clients.push(vault);
    return vault.lookupSelf(bao.rootToken);
  }

  it('is refused without the authority that signed it', async () => {
    await expect(lookup({})).rejects.toMatchObject({ code: 'ERR_TLS', retryable: false });
  });

  it('is refused under a name that it does not have', async () => {
    const trust = { ca: bao.ca ?? '', tlsServerName: 'vault.example' };
    await expect(lookup(trust)).rejects.toMatchObject({ code: 'ERR_TLS' });
  });

  it('is accepted under another name that it has', async () => {
    await expect(lookup({ ca: bao.ca ?? '', tlsServerName: 'localhost' })).resolves.toMatchObject({
      ttlSeconds: 0,
    });
  });
});
