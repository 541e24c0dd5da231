import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectOf, textOf } from '../../src/core/json.ts';
import { createVaultClient, type VaultClient } from '../../src/vault/client.ts';
import { agentConfig, credential } from '../support/agent.ts';
import { newPod, type Started } from '../support/agent-process.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { openShop, trustCluster } from '../support/kubernetes-auth.ts';
import { startVaultServer, type VaultServer } from '../support/vault-server.ts';

const cluster = sharedCluster();

describe.each(['OpenBao', 'Vault'] as const)('a login at %s by the kubernetes method', (product) => {
  let server: VaultServer;
  let vault: VaultClient;
  let namespace = '';

  beforeAll(async () => {
    [server, namespace] = await Promise.all([
      startVaultServer(product, { tls: true }),
      newNamespace(cluster),
    ]);
    vault = createVaultClient({ address: server.address, ca: server.ca ?? '' });
    await trustCluster(server, cluster, namespace);
    for (const name of ['api', 'other', 'gone']) {
      await cluster.kubectl(['create', 'serviceaccount', name, '-n', namespace]);
    }
    await openShop(server, namespace, { accounts: 'api,gone', secret: { password: 'p' } });
  });

  afterAll(async () => {
    vault?.close();
    await server?.stop();
  });

  function token(name: string, audience = 'vault'): Promise<string> {
    return cluster.serviceAccountToken({ namespace, name }, audience);
  }

  function login(jwt: string) {
    return vault.login({ mount: 'kubernetes', role: 'api', jwt });
  }

  it('gives the account of its role a token', async () => {
    const { token: own, ...state } = await login(await token('api'));

    expect(state).toMatchObject({ ttlSeconds: 600, renewable: true });
    const { data } = await server.call('POST', 'auth/token/lookup', { token: own });
    expect(data).toMatchObject({
      path: 'auth/kubernetes/login',
      meta: { service_account_name: 'api', service_account_namespace: namespace },
    });
    expect(await vault.renewSelf(own)).toEqual({ ttlSeconds: 600, renewable: true });
    await vault.revokeSelf(own);
  });

  it.each<[string, () => Promise<string>]>([
    ['another account', () => token('other')],
    ['a token for another audience', () => token('api', 'other')],
    ['a token of an account that is gone', () => deleted('gone')],
    ['what is no token', async () => 'a.b.c'],
  ])('refuses %s, without showing it', async (_, made) => {
    const jwt = await made();
    const refusal: unknown = await login(jwt).catch((error: unknown) => error);

    expect(refusal).toMatchObject({
      code: 'ERR_VAULT_REFUSED',
      retryable: false,
      message: expect.stringContaining('vault answered 403 to the login at auth/kubernetes as role api'),
    });
    expect(String(refusal)).not.toContain(jwt);
  });

  it('is the one of the agent, which writes the credential, follows it, and gives its token back', async () => {
    const { address, ca = '' } = server;
    const config = agentConfig({
      vault: { address, ca, authMount: 'kubernetes', authMethod: 'kubernetes', role: 'api' },
      credentials: [credential('db', { path: 'secret/data/shop/db', kv2: true, refreshSeconds: 1 })],
      sidecar: true,
    });
    const pod = await newPod(await token('api'));
    const written = () => readFile(join(pod.filesDir, 'db.json'), 'utf8');
    let sidecar: Started | undefined;
    try {
      const init = await pod.run(config);
      expect(init, init.stderr).toMatchObject({ code: 0, stderr: '' });
      expect(await written()).toBe('{"password":"p"}');
      const state = objectOf(JSON.parse(await readFile(pod.stateFile, 'utf8')));
      const own = textOf(objectOf(state['session'])['token']) ?? '';
      expect(await vault.lookupSelf(own)).toMatchObject({ renewable: true });

      sidecar = pod.sidecar(config);
      await server.call('POST', 'secret/data/shop/db', { data: { password: 'q' } });
      await expect.poll(written, { timeout: 20_000 }).toBe('{"password":"q"}');
      expect(await vault.lookupSelf(own)).toMatchObject({ renewable: true });
      sidecar.child.kill('SIGTERM');

      expect(await sidecar.ended).toMatchObject({ code: 0, stderr: '' });
      await expect(vault.lookupSelf(own)).rejects.toMatchObject({ code: 'ERR_VAULT_REFUSED' });
    } finally {
      sidecar?.child.kill('SIGKILL');
      await sidecar?.ended;
      await pod.remove();
    }
  });

  async function deleted(name: string): Promise<string> {
    const jwt = await token(name);
    await cluster.kubectl(['delete', 'serviceaccount', name, '-n', namespace]);
    return jwt;
  }
});
