/**
 * What the client promises its callers, held against a real server of either product: the same answers and the same
 * errors, whatever the server's own words are. What still differs stands in `corners`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchCredential } from '../../src/agent/credential.ts';
import { issueIdentity } from '../../src/agent/identity.ts';
import { listOf, objectOf, textOf } from '../../src/core/json.ts';
import { createVaultClient, type VaultClient } from '../../src/vault/client.ts';
import type { VaultEndpoint } from '../../src/vault/endpoint.ts';
import type { VaultLogin } from '../../src/vault/secret.ts';
import { credential, type TestHost, testHost } from './agent.ts';
import { type FakeRabbitMq, startFakeRabbitMq } from './fake-rabbitmq.ts';
import type { JwtMount } from './openbao-jwt.ts';
import { prepareContract, sshKey } from './vault-contract-setup.ts';
import { type Product, startVaultServer, type VaultServer } from './vault-server.ts';

/**
 * Three more differences end in the client. Vault says `invalid token` beside `permission denied` when it does not know a
 * token; it names the type of the mount (`mount_type`) in every answer; the engines' answers have fields that the other
 * product's lack (`issuer_id` of a signed SSH key).
 */
interface Corner {
  readonly tokens: RegExp;
  /** Stands in the warning about a path of the other KV version, which is passed on. */
  readonly commandLine: string;
  /** Vault makes a key of its own for the identity engine, OpenBao does not. */
  readonly identityKeys: readonly string[];
  /** Vault without a licence has no namespaces, and does not look at the header: the root namespace answers. */
  readonly absentNamespace: 'refused' | 'ignored';
}

const corners: Readonly<Record<Product, Corner>> = {
  OpenBao: {
    tokens: /^s\.\w{24}$/u,
    commandLine: "use 'bao kv get'",
    identityKeys: ['ES256'],
    absentNamespace: 'refused',
  },
  Vault: {
    tokens: /^hvs\.[\w-]{90,}$/u,
    commandLine: "use 'vault kv get'",
    identityKeys: ['ES256', 'RS256'],
    absentNamespace: 'ignored',
  },
};

const refused = { code: 'ERR_VAULT_REFUSED', retryable: false };
const lived = { seconds: expect.any(Number), renewable: false };

export function describeVaultContract(product: Product): void {
  const corner = corners[product];
  let server: VaultServer;
  let rabbit: FakeRabbitMq;
  let mount: JwtMount;
  let host: TestHost;
  let vault: VaultClient;
  let token = '';
  const clients: VaultClient[] = [];

  beforeAll(async () => {
    [server, rabbit, host] = await Promise.all([
      startVaultServer(product, { tls: true }),
      startFakeRabbitMq(),
      testHost({}),
    ]);
    mount = await prepareContract(server, rabbit);
    vault = clientOf();
    ({ token } = await login());
  });

  afterAll(async () => {
    for (const client of clients) client.close();
    await Promise.all([server?.stop(), rabbit?.stop(), host?.remove()]);
  });

  function clientOf(endpoint: Partial<VaultEndpoint> = {}): VaultClient {
    const client = createVaultClient({ address: server.address, ca: server.ca ?? '', ...endpoint });
    clients.push(client);
    return client;
  }

  async function login(role = 'app', client = vault): Promise<VaultLogin> {
    return client.login({ mount: 'jwt', role, jwt: await mount.sign() });
  }

  describe(`a token of ${product}`, () => {
    it('comes from a login, is known, renewed and revoked', async () => {
      const own = await login();
      expect(own).toEqual({
        token: expect.stringMatching(corner.tokens),
        accessor: expect.stringMatching(/^[\w.]{20,}$/u),
        ttlSeconds: 600,
        renewable: true,
      });

      expect(await vault.lookupSelf(own.token)).toEqual({
        ttlSeconds: expect.closeTo(600, -1),
        renewable: true,
      });
      expect(await vault.renewSelf(own.token)).toEqual({ ttlSeconds: 600, renewable: true });
      await vault.revokeSelf(own.token);

      await expect(vault.lookupSelf(own.token)).rejects.toMatchObject({
        ...refused,
        message: 'vault answered 403 to read auth/token/lookup-self: permission denied',
      });
      await expect(vault.read('secret/data/shop/db', own.token)).rejects.toMatchObject(refused);
      await expect(vault.renewSelf(own.token)).rejects.toMatchObject(refused);
      await expect(vault.revokeSelf(own.token)).rejects.toMatchObject(refused);
    });

    it('is renewed to no more than its maximum', async () => {
      const { token: short, ttlSeconds } = await login('short');
      expect(ttlSeconds).toBe(60);

      const { ttlSeconds: renewed } = await vault.renewSelf(short);

      expect(renewed).toBeGreaterThan(30);
      expect(renewed).toBeLessThanOrEqual(90);
    });

    it('of type batch has no accessor, and is neither renewed nor revoked', async () => {
      const batch = await login('batch');
      expect(batch).toMatchObject({ accessor: undefined, ttlSeconds: 600, renewable: false });

      expect(await vault.lookupSelf(batch.token)).toMatchObject({ renewable: false });
      await expect(vault.renewSelf(batch.token)).rejects.toMatchObject({
        ...refused,
        message: 'vault answered 400 to write auth/token/renew-self: batch tokens cannot be renewed',
      });
      await expect(vault.revokeSelf(batch.token)).rejects.toMatchObject(refused);
    });

    it('of root does not end by itself', async () => {
      expect(await vault.lookupSelf(server.rootToken)).toEqual({ ttlSeconds: 0, renewable: false });
    });

    it('that is wrapped says where it was made, and can be had once', async () => {
      const ttl = { 'X-Vault-Wrap-TTL': '60s' };
      const created = await server.call('POST', 'auth/token/create/app', {}, ttl);
      const wrapping = textOf(objectOf(created['wrap_info'])['token']) ?? '';

      const lookup = await vault.write('sys/wrapping/lookup', { token: wrapping }, wrapping);
      expect(lookup.data).toMatchObject({ creation_path: 'auth/token/create/app', creation_ttl: 60 });

      await vault.write('sys/wrapping/unwrap', {}, wrapping);
      await expect(vault.write('sys/wrapping/unwrap', {}, wrapping)).rejects.toMatchObject({
        ...refused,
        message: `vault answered 400 to write sys/wrapping/unwrap: wrapping token is not valid or does not exist`,
      });
    });

    it('that is given away wrapped has an accessor of its own, and is renewed for as long as is asked', async () => {
      await server.call('POST', 'auth/token/roles/wrapped', { orphan: true, token_explicit_max_ttl: '20m' });
      const path = 'auth/token/create/wrapped';
      const asked = { path, ttlSeconds: 120, wrapTtlSeconds: 60, displayName: 'x', meta: { owner: 'y' } };
      const wrapped = await vault.createWrapped(asked, server.rootToken);
      expect(wrapped.expiresAtSeconds - Date.now() / 1000).toBeCloseTo(60, -1);

      expect(await vault.creationPathOf(wrapped.wrappingToken)).toBe(path);
      const given = await vault.unwrap(wrapped.wrappingToken);
      expect(given).toMatchObject({ accessor: wrapped.accessor, ttlSeconds: 120, renewable: true });
      const own = given?.token ?? '';

      expect(await vault.renewSelf(own)).toMatchObject({ ttlSeconds: 120 });
      expect(await vault.renewSelf(own, undefined, 600)).toMatchObject({ ttlSeconds: 600 });
      expect(await vault.renewSelf(own, undefined, 3600)).toMatchObject({
        ttlSeconds: expect.closeTo(1200, -1),
      });

      expect(await vault.creationPathOf(wrapped.wrappingToken)).toBeUndefined();
      expect(await vault.unwrap(wrapped.wrappingToken)).toBeUndefined();
      await vault.revokeAccessor(wrapped.accessor, server.rootToken);
      await vault.revokeAccessor(wrapped.accessor, server.rootToken);
      await expect(vault.lookupSelf(own)).rejects.toMatchObject(refused);
    });
  });

  describe(`a secret of ${product}`, () => {
    it.each<[string, { path: string; kv2?: boolean }, object]>([
      ['KV 1', { path: 'kv1/shop/db' }, { password: 'p' }],
      ['KV 2', { path: 'secret/data/shop/db', kv2: true }, { username: 'app', port: 5432 }],
    ])('of %s is its fields, without a lease', async (_, wanted, data) => {
      const fetched = await fetchCredential(host, vault, credential('db', wanted), token);
      expect(fetched).toMatchObject({ value: { data, lease: undefined } });
    });

    it.each([
      ['absent', 'vault has nothing there'],
      ['deleted', 'its version 1 is deleted'],
      ['destroyed', 'its version 1 is destroyed'],
    ])('of KV 2 that is %s is said to be that', async (name, cause) => {
      const wanted = credential('db', { path: `secret/data/shop/${name}`, kv2: true });
      expect(await fetchCredential(host, vault, wanted, token)).toMatchObject({
        failures: [{ cause: expect.stringContaining(`secret/data/shop/${name}: ${cause}`) }],
      });
    });

    it('of KV 1 that is absent is nothing', async () => {
      expect(await vault.read('kv1/shop/absent', token)).toEqual({
        data: undefined,
        lease: undefined,
        warnings: [],
      });
    });

    it('asked for at a path of the other KV version is nothing, with a warning', async () => {
      const { data, warnings } = await vault.read('secret/plain', server.rootToken);
      expect(data).toBeUndefined();
      expect(warnings).toEqual([
        expect.stringMatching(/^Invalid path for a versioned K\/V secrets engine\./u),
      ]);
      expect(warnings[0]).toContain(corner.commandLine);
    });

    it.each(['plain', 'a&b', "it's", '{{x}}', 'a b', 'q?v=1#f', '%2e%2e', '&#x2F;', 'ü-字'])(
      'at the path %j is apart from every other',
      async (name) => {
        await vault.write(`secret/data/names/${name}`, { data: { name } }, server.rootToken);
        const { data } = await vault.read(`secret/data/names/${name}`, server.rootToken);
        expect(data?.['data']).toEqual({ name });
        const { data: listed } = await server.call('LIST', 'secret/metadata/names');
        expect(listed).toMatchObject({ keys: expect.arrayContaining([name]) });
      },
    );

    it.each<[string, string, object, object, object | undefined]>([
      [
        'certificate with a lease',
        'pki/issue/leased',
        { common_name: 'api' },
        { certificate: expect.stringContaining('BEGIN CERT'), private_key: expect.stringContaining('KEY') },
        { id: expect.stringMatching(/^pki\/issue\/leased\//u), ...lived },
      ],
      [
        'certificate without one',
        'pki/issue/free',
        { common_name: 'api' },
        { certificate: expect.stringContaining('BEGIN CERT'), expiration: expect.any(Number) },
        undefined,
      ],
      [
        'ciphertext',
        'transit/encrypt/shop',
        { plaintext: 'aGk=' },
        { ciphertext: expect.stringMatching(/^vault:v1:/u) },
        undefined,
      ],
      [
        'signed SSH key',
        'ssh/sign/shop',
        { public_key: sshKey, valid_principals: 'app' },
        { signed_key: expect.stringMatching(/^ssh-ed25519-cert-v01@openssh.com /u) },
        undefined,
      ],
    ])('that is written for, a %s', async (_, path, parameters, data, lease) => {
      const written = await vault.write(path, { ...parameters }, token);
      expect(written).toMatchObject({ data, warnings: [] });
      expect(written.lease).toEqual(lease);
    });

    it('that is an identity verifies by the keys of the server', async () => {
      const algorithms = listOf((await vault.identityKeys())['keys']).map((key) =>
        textOf(objectOf(key)['alg']),
      );
      expect(new Set(algorithms)).toEqual(new Set(corner.identityKeys));

      host.pass((Date.now() - host.now()) / 1000);
      const identity = { file: 'jwt', role: 'shop', audience: 'orders', scopes: ['read'] };
      expect(await issueIdentity(host, vault, identity, token)).toMatchObject({ value: { file: 'jwt' } });
      expect(await issueIdentity(host, vault, { ...identity, audience: 'other' }, token)).toMatchObject({
        failures: [{ cause: expect.stringContaining('is for orders, and not for other') }],
      });
    });
  });

  describe(`a lease of ${product}`, () => {
    it('is renewed by its own length', async () => {
      const { lease } = await vault.read('rabbitmq/creds/shop', token);
      expect(lease).toMatchObject({ seconds: 20, renewable: true });

      const renewed = await vault.renewLease(lease?.id ?? '', token);

      expect(renewed).toEqual({ id: lease?.id, seconds: 20, renewable: true });
    });

    it('ends with the token that it was taken out with', async () => {
      const own = await login();
      const { data, lease } = await vault.read('rabbitmq/creds/shop', own.token);
      const user = textOf(data?.['username']) ?? '';
      expect(rabbit.users).toContain(user);

      await vault.revokeSelf(own.token);

      await expect.poll(() => rabbit.users.has(user), { timeout: 10_000 }).toBe(false);
      await expect(vault.renewLease(lease?.id ?? '', token)).rejects.toMatchObject(refused);
    });

    it.each([
      ['that is none', async () => 'pki/issue/leased/none', 'lease not found'],
      [
        'that is not renewable',
        async () => (await vault.write('pki/issue/leased', { common_name: 'api' }, token)).lease?.id ?? '',
        'lease is not renewable',
      ],
    ])('%s is refused a renewal', async (_, id, cause) => {
      await expect(vault.renewLease(await id(), token)).rejects.toMatchObject({
        ...refused,
        message: `vault answered 400 to write sys/leases/renew: ${cause}`,
      });
    });
  });

  describe(`what ${product} refuses`, () => {
    it.each<[string, () => Promise<unknown>, string]>([
      [
        'a path outside of the policy',
        () => vault.read('secret/data/other', token),
        '403 to read secret/data/other: permission denied',
      ],
      [
        'a write outside of the policy',
        () => vault.write('secret/data/shop/db', { data: {} }, token),
        '403 to write secret/data/shop/db: permission denied',
      ],
      [
        'a token that is none',
        () => vault.read('secret/data/shop/db', 'nonsense'),
        '403 to read secret/data/shop/db: permission denied',
      ],
      [
        'a mount that does not exist, to somebody with a policy',
        () => vault.read('none/x', token),
        '403 to read none/x: permission denied',
      ],
      [
        'a role of an engine that does not exist',
        () => vault.write('pki/issue/none', { common_name: 'api' }, token),
        '400 to write pki/issue/none: unknown role: none',
      ],
      [
        'a login as a role that does not exist',
        () => login('none'),
        '400 to the login at auth/jwt as role none: role "none" could not be found',
      ],
      [
        'a login at a mount that does not exist',
        async () => vault.login({ mount: 'none', role: 'app', jwt: await mount.sign() }),
        '403 to the login at auth/none as role app: permission denied',
      ],
    ])('%s', async (_, call, said) => {
      await expect(call()).rejects.toMatchObject({ ...refused, message: `vault answered ${said}` });
    });

    it('a mount that does not exist, to root', async () => {
      await expect(vault.read('none/x', server.rootToken)).rejects.toMatchObject({
        ...refused,
        message: expect.stringMatching(/^vault answered 404 to read none\/x: no handler for route/u),
      });
    });

    it('a token that is not for its audience, without showing it', async () => {
      const jwt = await mount.sign('other');
      const refusal: unknown = await vault.login({ mount: 'jwt', role: 'app', jwt }).catch((error) => error);
      expect(refusal).toMatchObject({ ...refused, message: expect.stringContaining('audience') });
      expect(String(refusal)).not.toContain(jwt);
    });

    it('more calls than its quota allows, to be made later', async () => {
      await server.call('POST', 'sys/quotas/rate-limit/slow', { path: 'slow/', rate: 1, interval: '60s' });
      const once = clientOf();
      await once.read('slow/db', server.rootToken);
      await expect(once.read('slow/db', server.rootToken)).rejects.toMatchObject({
        code: 'ERR_VAULT_RATE_LIMITED',
        retryable: true,
        retryAfterSeconds: expect.any(Number),
      });
    });
  });

  describe(`a namespace of ${product}`, () => {
    it.each<[string, (other: VaultClient) => Promise<unknown>]>([
      ['the login at auth/jwt as role app', (other) => login('app', other)],
      ['read secret/data/shop/db', (other) => other.read('secret/data/shop/db', token)],
      ['write pki/issue/free', (other) => other.write('pki/issue/free', { common_name: 'api' }, token)],
    ])(`that does not exist is ${corner.absentNamespace}, with %s`, async (call, ask) => {
      const outcome = ask(clientOf({ namespace: 'absent' })).then(
        () => 'ignored',
        (error: unknown) => error,
      );
      expect(await outcome).toEqual(
        corner.absentNamespace === 'ignored'
          ? 'ignored'
          : expect.objectContaining({
              ...refused,
              message: `vault answered 404 to ${call}: namespace not found`,
            }),
      );
    });
  });

  // Last: nothing answers behind it.
  describe(`${product} when it is sealed`, () => {
    beforeAll(() => server.call('POST', 'sys/seal'));

    it.each<[string, () => Promise<unknown>]>([
      ['login', () => login()],
      ['read', () => vault.read('secret/data/shop/db', token)],
      ['write', () => vault.write('pki/issue/free', { common_name: 'api' }, token)],
      ['lookup', () => vault.lookupSelf(token)],
      ['renewal', () => vault.renewSelf(token)],
    ])('answers a %s with that', async (_, call) => {
      await expect(call()).rejects.toMatchObject({
        code: 'ERR_VAULT_SEALED',
        retryable: true,
        message: expect.stringMatching(/^vault answered 503 to .*: Vault is sealed$/u),
      });
    });
  });
}
