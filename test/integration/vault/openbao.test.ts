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
});

describe('a namespace of a real OpenBao', () => {
  let bao: OpenBao;
  const clients: VaultClient[] = [];

  beforeAll(async () => {
    bao = await startOpenBao({ tls: false });
    const team = { 'X-Vault-Namespace': 'team' };
    await bao.call('POST', 'sys/namespaces/team', {});
    await bao.call('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '1' } }, team);
    await bao.call('POST', 'kv/db', { password: 'p' }, team);
  });

  afterAll(async () => {
    for (const one of clients) one.close();
    await bao?.stop();
  });

  function read(namespace: { readonly namespace?: string }) {
    const vault = createVaultClient({ address: bao.address, ...namespace });
    clients.push(vault);
    return vault.read('kv/db', bao.rootToken);
  }

  it.each(['team', 'team/'])('has what is in it, written as %j', async (namespace) => {
    await expect(read({ namespace })).resolves.toMatchObject({ data: { password: 'p' } });
  });

  it('keeps it from everybody else', async () => {
    await expect(read({})).rejects.toMatchObject({ code: 'ERR_VAULT_REFUSED' });
    await expect(read({ namespace: 'none' })).rejects.toMatchObject({
      code: 'ERR_VAULT_REFUSED',
      message: 'vault answered 404 to read kv/db: namespace not found',
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
