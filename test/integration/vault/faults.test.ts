import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createVaultClient, type VaultClient, type VaultClientOptions } from '../../../src/vault/client.ts';
import type { VaultEndpoint } from '../../../src/vault/endpoint.ts';
import {
  type Asked,
  answer,
  type Behaviour,
  type FakeVault,
  startFakeVault,
} from '../../support/fake-vault.ts';

const token = 'hvs.secret-of-the-workload-0123456789';
const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhcHAifQ.c2lnbmF0dXJl';
const ending: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const end of ending.splice(0).toReversed()) await end();
});

async function fake(behave: (asked: Asked, count: number) => Behaviour): Promise<FakeVault> {
  const vault = await startFakeVault(behave);
  ending.push(() => vault.stop());
  return vault;
}

function client(
  endpoint: VaultEndpoint,
  options: Partial<VaultClientOptions> = { readAttempts: 1 },
): VaultClient {
  const vault = createVaultClient(endpoint, { random: () => 0.5, ...options });
  ending.push(() => vault.close());
  return vault;
}

describe('a request', () => {
  it('goes to the path as it is written, with the token of its call and the namespace', async () => {
    const vault = await fake(() => answer({ data: { a: 'b' } }));

    await client({ address: vault.address, namespace: 'team/app' }).read(
      "secret/data/a&b/{{c}}/it's &#x2F;",
      token,
    );

    expect(vault.asked).toHaveLength(1);
    expect(vault.asked[0]).toMatchObject({
      method: 'GET',
      url: "/v1/secret/data/a%26b/%7B%7Bc%7D%7D/it's%20%26%23x2F%3B",
      headers: { 'x-vault-token': token, 'x-vault-namespace': 'team/app', 'x-vault-request': 'true' },
      body: '',
    });
  });

  it('writes exactly the body that it is given', async () => {
    const vault = await fake(() => answer({ data: {} }));

    await client(vault).write('transit/sign/k', { input: 'ü"{{x}}', __proto__x: '1' }, token);

    expect(vault.asked[0]).toMatchObject({ method: 'POST', url: '/v1/transit/sign/k' });
    expect(JSON.parse(vault.asked[0]?.body ?? '')).toEqual({ input: 'ü"{{x}}', __proto__x: '1' });
  });

  it('lists by a GET that every proxy lets through', async () => {
    const vault = await fake(() => answer({ data: { keys: ['a', 'b/'] } }));

    expect(await client(vault).list('auth/kube?/role', token)).toEqual(['a', 'b/']);

    expect(vault.asked[0]).toMatchObject({ method: 'GET', url: '/v1/auth/kube%3F/role?list=true' });
  });

  it.each([
    ['nothing there', answer({ errors: [] }, 404), []],
    ['an empty list', answer({ data: { keys: [] } }), []],
  ])('lists none where Vault answers with %s', async (_, behaviour, keys) => {
    expect(await client(await fake(() => behaviour)).list('auth/jwt/role', token)).toEqual(keys);
  });

  it.each([{ data: {} }, { data: { keys: 'a' } }, { data: { keys: ['a', 1] } }, {}])(
    'refuses the list %j',
    async (body) => {
      const listing = client(await fake(() => answer(body))).list('auth/jwt/role', token);
      await expect(listing).rejects.toMatchObject({
        code: 'ERR_VAULT_PROTOCOL',
        message: 'vault answered to list auth/jwt/role without a usable keys',
      });
    },
  );

  it('is made again where it only asks, also when it is posted', async () => {
    const flaky = () => fake((_, count) => (count === 0 ? answer({}, 502) : answer({ data: { id: 'e' } })));
    const asked = await flaky();
    const found = await client(asked, { readAttempts: 2 }).lookup(
      'identity/lookup/entity',
      { name: 'n' },
      token,
    );
    expect(found.data).toEqual({ id: 'e' });
    expect(asked.asked.map(({ method, body }) => `${method} ${body}`)).toEqual([
      'POST {"name":"n"}',
      'POST {"name":"n"}',
    ]);

    const written = await flaky();
    await expect(
      client(written, { readAttempts: 2 }).write('identity/entity', { name: 'n' }, token),
    ).rejects.toMatchObject({ code: 'ERR_VAULT_UNREACHABLE' });
    expect(written.asked).toHaveLength(1);
  });

  it('takes nothing from the environment', async () => {
    const vault = await fake(() => answer({ auth: { client_token: token, lease_duration: 60 } }));
    vi.stubEnv('VAULT_TOKEN', 'of-somebody-else');
    vi.stubEnv('VAULT_NAMESPACE', 'of-somebody-else');
    vi.stubEnv('VAULT_PREFIX', '/of-somebody-else');
    vi.stubEnv('VAULT_ADDR', 'http://of-somebody-else');
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1');
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');

    await client({ address: vault.address }).login({ mount: 'kubernetes', role: 'app', jwt });

    expect(vault.asked[0]).toMatchObject({ method: 'POST', url: '/v1/auth/kubernetes/login' });
    expect(JSON.parse(vault.asked[0]?.body ?? '')).toEqual({ role: 'app', jwt });
    expect(Object.keys(vault.asked[0]?.headers ?? {})).not.toContain('x-vault-token');
    expect(Object.keys(vault.asked[0]?.headers ?? {})).not.toContain('x-vault-namespace');
  });

  it('never carries the token of another call', async () => {
    const vault = await fake(() =>
      answer({ data: { ttl: 1 }, auth: { client_token: 'minted', lease_duration: 1 } }),
    );
    const one = client(vault);

    await one.login({ mount: 'kubernetes', role: 'app', jwt });
    await one.write('auth/token/create', {}, 'token-a');
    await one.read('secret/x', 'token-b');
    await one.login({ mount: 'kubernetes', role: 'app', jwt });

    expect(vault.asked.map(({ headers }) => headers['x-vault-token'])).toEqual([
      undefined,
      'token-a',
      'token-b',
      undefined,
    ]);
  });

  it('refuses to send a token that would break its header', async () => {
    const vault = await fake(() => answer({}));

    await expect(client(vault).read('secret/x', 'a\r\nb')).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    expect(vault.asked).toHaveLength(0);
  });

  it('keeps its connection for the next one', async () => {
    const vault = await fake(() => answer({ data: { a: 'b' } }));
    const one = client(vault);

    for (let count = 0; count < 5; count++) await one.read('secret/x', token);

    expect(vault.connections()).toBe(1);
  });
});

describe('an answer', () => {
  it.each([300, 301, 302, 303, 304, 305, 307, 308])(
    'of %i is not followed, so neither token nor JWT leaves for another host',
    async (status) => {
      const elsewhere = await fake(() => answer({ data: { a: 'b' } }));
      const vault = await fake(() => answer({}, status, { location: `${elsewhere.address}/v1/secret/x` }));
      const one = client(vault);
      const calls = [
        () => one.read('secret/x', token),
        () => one.write('pki/issue/x', {}, token),
        () => one.login({ mount: 'jwt', role: 'app', jwt }),
        () => one.lookupSelf(token),
        () => one.renewSelf(token),
        () => one.renewLease('a', token),
        () => one.revokeSelf(token),
        () => one.identityKeys(),
      ];

      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'ERR_VAULT_REDIRECT' });
      expect(vault.asked).toHaveLength(calls.length);
      expect(elsewhere.connections()).toBe(0);
    },
  );

  it.each<[string, string, Behaviour]>([
    ['is not JSON', 'ERR_VAULT_PROTOCOL', { kind: 'text', status: 200, body: '<html>' }],
    [
      'is not UTF-8',
      'ERR_VAULT_PROTOCOL',
      { kind: 'text', status: 200, body: Buffer.from([0x7b, 0xff, 0x7d]) },
    ],
    ['has no data object', 'ERR_VAULT_PROTOCOL', answer({ data: 'x' })],
    ['is too large', 'ERR_VAULT_PROTOCOL', answer({ data: { a: 'x'.repeat(5000) } })],
    ['is cut off', 'ERR_VAULT_UNREACHABLE', { kind: 'cut' }],
    ['does not come', 'ERR_DEADLINE', { kind: 'silence' }],
    ['does not end', 'ERR_DEADLINE', { kind: 'stall' }],
    ['is a closed connection', 'ERR_VAULT_UNREACHABLE', { kind: 'hang-up' }],
    ['comes from a proxy', 'ERR_VAULT_UNREACHABLE', { kind: 'text', status: 502, body: '<html>bad gateway' }],
  ])('that %s is %s', async (_, code, behaviour) => {
    const vault = await fake(() => behaviour);
    const options = { readAttempts: 1, deadlineMilliseconds: 200, answerBytes: 4096 };

    const failure: unknown = await client(vault, options)
      .read('secret/x', token)
      .catch((error: unknown) => error);

    expect(failure).toMatchObject({ name: 'CountersignError', code });
    expect(String(failure)).not.toContain(token);
  });

  it('that repeats what it was sent shows neither token nor JWT', async () => {
    const vault = await fake(({ headers, body }) =>
      answer({ errors: [`bad: ${String(headers['x-vault-token'])} ${body}`] }, 403),
    );
    const one = client(vault);

    const reading: unknown = await one.read('secret/x', token).catch((error: unknown) => error);
    const login: unknown = await one.login({ mount: 'm', role: 'app', jwt }).catch((error: unknown) => error);

    expect(String(reading)).toContain('[redacted]');
    expect(String(reading)).not.toContain(token);
    expect(String(login)).toContain('[redacted]');
    expect(String(login)).not.toContain(jwt);
  });
});

describe('Retry-After', () => {
  const date = 'Tue, 24 Nov 2026 13:00:00 GMT';

  it.each<[string, Record<string, string>, number | undefined]>([
    ['seconds', { 'retry-after': '7' }, 7],
    ['a date', { 'retry-after': 'Tue, 24 Nov 2026 13:00:30 GMT', date }, 30],
    ['a date that is over', { 'retry-after': 'Tue, 24 Nov 2026 12:00:00 GMT', date }, 0],
    ['more than an hour', { 'retry-after': '999999' }, 3600],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['nothing', {}, undefined],
  ])('of %s is understood', async (_, headers, retryAfterSeconds) => {
    const vault = await fake(() => answer({ errors: ['slow down'] }, 429, headers));

    await expect(client(vault).read('secret/x', token)).rejects.toMatchObject({
      code: 'ERR_VAULT_RATE_LIMITED',
      retryAfterSeconds,
    });
  });
});

describe('trying again', () => {
  it('gets a read through a Vault that is sealed for a moment', async () => {
    const vault = await fake((_, count) => (count < 2 ? answer({}, 503) : answer({ data: { a: 'b' } })));

    await expect(client(vault, { readAttempts: 3 }).read('secret/x', token)).resolves.toMatchObject({
      data: { a: 'b' },
    });
    expect(vault.asked).toHaveLength(3);
  });

  it('ends with the last failure', async () => {
    const vault = await fake(() => answer({}, 503));

    await expect(client(vault, { readAttempts: 2 }).read('secret/x', token)).rejects.toMatchObject({
      code: 'ERR_VAULT_SEALED',
    });
    expect(vault.asked).toHaveLength(2);
  });

  it.each<[string, string, Behaviour]>([
    ['a refusal', 'ERR_VAULT_REFUSED', answer({}, 403)],
    ['a wait that is asked to be long', 'ERR_VAULT_RATE_LIMITED', answer({}, 429, { 'retry-after': '60' })],
  ])('is not done after %s', async (_, code, behaviour) => {
    const vault = await fake(() => behaviour);

    await expect(client(vault, { readAttempts: 3 }).read('secret/x', token)).rejects.toMatchObject({ code });
    expect(vault.asked).toHaveLength(1);
  });

  it('is not done for a write', async () => {
    const vault = await fake(() => answer({}, 503));

    await expect(client(vault, { readAttempts: 3 }).write('pki/issue/x', {}, token)).rejects.toMatchObject({
      code: 'ERR_VAULT_SEALED',
    });
    expect(vault.asked).toHaveLength(1);
  });
});

describe('a caller that no longer waits', () => {
  it.each<[string, Behaviour]>([
    ['for the answer', { kind: 'silence' }],
    ['for the rest of the answer', { kind: 'stall' }],
    ['for the next attempt', answer({}, 503)],
  ])('%s gets its own reason', async (_, behaviour) => {
    const vault = await fake(() => behaviour);
    const reason = new Error('over');
    const options = { readAttempts: 2, random: () => 1 };

    const reading = client(vault, options).read('secret/x', token, abortedIn(50, reason));

    await expect(reading).rejects.toBe(reason);
  });
});

describe('a server that is none', () => {
  it('of HTTP is a protocol error', async () => {
    const host = await raw((socket) => socket.end(`SSH-2.0 ${token}\r\n`));

    const failure: unknown = await client({ address: `http://${host}` })
      .read('secret/x', token)
      .catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'ERR_VAULT_PROTOCOL' });
    expect(JSON.stringify(failure)).not.toContain('SSH');
  });

  it('of TLS is a TLS error', async () => {
    const host = await raw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));

    await expect(client({ address: `https://${host}` }).read('secret/x', token)).rejects.toMatchObject({
      code: 'ERR_TLS',
      retryable: false,
      message: `vault at https://${host}: the TLS handshake failed (EPROTO)`,
    });
  });

  it('there at all is unreachable', async () => {
    await expect(client({ address: 'http://127.0.0.1:1' }).read('secret/x', token)).rejects.toMatchObject({
      code: 'ERR_VAULT_UNREACHABLE',
      retryable: true,
    });
  });
});

function abortedIn(milliseconds: number, reason: Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), milliseconds);
  return controller.signal;
}

async function raw(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer(onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
