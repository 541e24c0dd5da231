/**
 * What init does with a real server of either product: the same files, the same codes and the same lines. Nothing differs
 * here; the differences of the two stand in `vault-contract.ts`.
 */
import { X509Certificate } from 'node:crypto';
import { lstat, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentConfig, AgentCredential } from '../../src/core/inject/agent-config.ts';
import { listOf, objectOf, textOf } from '../../src/core/json.ts';
import { credential } from './agent.ts';
import { type Ended, newPod, type Pod } from './agent-process.ts';
import { enableJwt, type JwtMount } from './openbao-jwt.ts';
import { type Product, startVaultServer, type VaultServer } from './vault-server.ts';

const password = 'p4ss"wörd{x.y}\n';
const policy = `
path "secret/data/shop/*" { capabilities = ["read"] }
path "kv1/shop" { capabilities = ["read"] }
path "pki/issue/shop" { capabilities = ["update"] }
path "transit/sign/shop" { capabilities = ["update"] }
`;
const impatient = { COUNTERSIGN_GIVE_UP_SECONDS: '1' };

const db = credential('db', { path: 'secret/data/shop/db', kv2: true });
const old = credential('old', { path: 'kv1/shop' });
const tls = credential('tls', {
  operation: 'write',
  path: 'pki/issue/shop',
  parameters: { common_name: 'api.shop.svc' },
});
const signature = credential('signature', {
  operation: 'write',
  path: 'transit/sign/shop',
  parameters: { input: 'aGVsbG8=' },
});

/** Behind the cause of a refused login stands what the login was made with. */
const CAUSE =
  /: (countersign\.dev\/.*?)( \(the token sent: system:serviceaccount:shop:api, audience vault, valid for \d+ s\))?$/;

export function describeAgent(product: Product): void {
  let server: VaultServer;
  let jwt: JwtMount;
  let pod: Pod;
  let token = '';

  beforeAll(async () => {
    server = await startVaultServer(product, { tls: true });
    jwt = await enableJwt(server);
    await server.call('PUT', 'sys/policies/acl/shop', { policy });
    await jwt.role('shop_api', { policies: ['shop'] });
    await server.call('POST', 'secret/data/shop/db', { data: { username: 'app', password, port: 5432 } });
    await server.call('POST', 'sys/mounts/kv1', { type: 'kv', options: { version: '1' } });
    await server.call('POST', 'kv1/shop', { key: 'kv1-secret-value' });
    await server.call('POST', 'sys/mounts/transit', { type: 'transit' });
    await server.call('POST', 'transit/keys/shop', { type: 'ed25519' });
    await server.call('POST', 'sys/mounts/pki', { type: 'pki' });
    await server.call('POST', 'pki/root/generate/internal', { common_name: 'root' });
    await server.call('POST', 'pki/roles/shop', {
      allow_any_name: true,
      generate_lease: true,
      key_type: 'ec',
      key_bits: 256,
      ttl: '1h',
    });
  });

  afterAll(() => server?.stop());

  beforeEach(async () => {
    token = await jwt.sign();
    pod = await newPod(token);
  });

  afterEach(() => pod.remove());

  function config(credentials: readonly AgentCredential[], changes: Partial<AgentConfig> = {}): AgentConfig {
    return {
      version: 1,
      vault: {
        address: server.address,
        ca: server.ca ?? '',
        authMount: 'jwt',
        authMethod: 'jwt',
        role: 'shop_api',
      },
      credentials,
      files: credentials.map(({ name }) => ({
        file: `${name}.json`,
        content: { kind: 'all', credential: name },
      })),
      env: [],
      identities: [],
      token: false,
      sidecar: false,
      rotate: 'none',
      ...changes,
    };
  }

  async function run(wanted: AgentConfig, env?: Readonly<Record<string, string>>): Promise<Ended> {
    const result = await pod.run(wanted, env);
    const state = await readFile(pod.stateFile, 'utf8').catch(() => '{}');
    const vaultToken = objectOf(objectOf(JSON.parse(state))['session'])['token'];
    const signed = token.split('.')[2] ?? token;
    const secrets = [token, signed, textOf(vaultToken) ?? token, 'p4ss', 'kv1-secret-value', 'PRIVATE KEY'];
    for (const secret of secrets) expect(JSON.stringify(result)).not.toContain(secret);
    return result;
  }

  function file(name: string): Promise<string> {
    return readFile(join(pod.filesDir, name), 'utf8');
  }

  async function listed(path: string): Promise<readonly unknown[]> {
    return listOf(objectOf((await server.call('LIST', path))['data'])['keys']);
  }

  describe(`init with a real ${product}`, () => {
    it('writes every kind of credential as it was asked for', async () => {
      const files: AgentConfig['files'] = [
        { file: 'db.json', content: { kind: 'all', credential: 'db' } },
        { file: 'password', content: { kind: 'field', credential: 'db', field: 'password' } },
        { file: 'key', content: { kind: 'field', credential: 'old', field: 'key' } },
        { file: 'tls.crt', content: { kind: 'field', credential: 'tls', field: 'certificate' } },
        { file: 'tls.key', content: { kind: 'field', credential: 'tls', field: 'private_key' } },
        { file: 'signature', content: { kind: 'field', credential: 'signature', field: 'signature' } },
        {
          file: 'url',
          content: {
            kind: 'template',
            template: [
              { text: 'postgres://app:' },
              { credential: 'db', field: 'password', filters: ['url'] },
              { text: '@db:' },
              { credential: 'db', field: 'port', filters: [] },
            ],
          },
        },
      ];

      const { code, stderr, termination } = await run(
        config([db, old, tls, signature], { files, token: true }),
      );

      expect({ code, stderr, termination }).toEqual({ code: 0, stderr: '', termination: '' });
      expect(await file('db.json')).toBe(JSON.stringify({ password, port: 5432, username: 'app' }));
      expect(await file('password')).toBe(password);
      expect(await file('key')).toBe('kv1-secret-value');
      expect(await file('url')).toBe(`postgres://app:${encodeURIComponent(password)}@db:5432`);
      expect(await file('signature')).toMatch(/^vault:v1:/);
      expect(new X509Certificate(await file('tls.crt')).subject).toBe('CN=api.shop.svc');
      expect(await file('tls.key')).toContain('PRIVATE KEY');
      const lookup = await server.call('POST', 'auth/token/lookup', { token: await file('token') });
      expect(lookup['data']).toMatchObject({ policies: ['default', 'shop'], path: 'auth/jwt/login' });
    });

    it('lays the files out for everybody to read, and keeps its state to itself', async () => {
      await run(config([db, old]));

      const set = await readlink(join(pod.filesDir, '..data'));
      expect((await readdir(pod.filesDir)).toSorted()).toEqual([set, '..data', 'db.json', 'old.json']);
      expect((await lstat(join(pod.filesDir, 'db.json'))).isSymbolicLink()).toBe(true);
      expect((await stat(join(pod.filesDir, 'db.json'))).mode & 0o777).toBe(0o444);
      expect((await stat(pod.stateFile)).mode & 0o777).toBe(0o600);
    });

    it('logs JSON lines', async () => {
      const { stdout } = await run(config([db]));

      const lines: unknown[] = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines).toMatchObject([
        { level: 'info', msg: 'logged in', role: 'shop_api', mount: 'jwt' },
        { level: 'info', msg: 'files are in place', files: 1 },
      ]);
    });

    it('run again neither logs in nor takes out a lease a second time', async () => {
      await run(config([db, tls]));
      const before = await Promise.all([
        listed('auth/token/accessors'),
        listed('pki/certs'),
        file('tls.json'),
      ]);
      await server.call('POST', 'secret/data/shop/db', { data: { username: 'app', password, port: 5433 } });

      const { code } = await run(config([db, tls]));

      const after = await Promise.all([
        listed('auth/token/accessors'),
        listed('pki/certs'),
        file('tls.json'),
      ]);
      expect(code).toBe(0);
      expect(after).toEqual(before);
      expect(await file('db.json')).toContain('5433');
    });

    it('run again after its token was revoked logs in again', async () => {
      await run(config([db], { token: true }));
      await server.call('POST', 'auth/token/revoke', { token: await file('token') });

      const { code, stdout } = await run(config([db], { token: true }));

      expect(code).toBe(0);
      expect(stdout).toContain('the token of an earlier run has ended');
    });

    it('gives its token back when it gives up', async () => {
      const before = await listed('auth/token/accessors');

      const { code } = await run(config([credential('x', { path: 'sys/mounts' })]), impatient);

      expect(code).toBe(13);
      expect(await listed('auth/token/accessors')).toEqual(before);
    });
  });

  describe(`what ${product} refuses`, () => {
    it.each<[string, number, () => AgentConfig, string]>([
      [
        'a role that does not exist',
        11,
        () => config([db], { vault: { ...config([]).vault, role: 'nobody' } }),
        'countersign.dev/vault-role: vault answered 400 to the login at auth/jwt as role nobody: ' +
          'role "nobody" could not be found',
      ],
      [
        'a mount that does not exist',
        11,
        () => config([db], { vault: { ...config([]).vault, authMount: 'k8s' } }),
        'countersign.dev/vault-role: vault answered 403 to the login at auth/k8s as role shop_api: permission denied',
      ],
      [
        'a path outside of the policy',
        13,
        () => config([credential('x', { path: 'secret/data/other', kv2: true })]),
        'countersign.dev/credential.x: vault answered 403 to read secret/data/other: permission denied',
      ],
      [
        'a path where nothing is',
        13,
        () => config([credential('x', { path: 'secret/data/shop/none', kv2: true })]),
        'countersign.dev/credential.x: secret/data/shop/none: vault has nothing there',
      ],
      [
        'a field that is not there',
        14,
        () =>
          config([db], { files: [{ file: 'f', content: { kind: 'field', credential: 'db', field: 'pw' } }] }),
        "countersign.dev/file.f: vault's answer has no field db.pw",
      ],
    ])('%s ends with code %i and one line', async (_, code, wanted, cause) => {
      const result = await run(wanted(), impatient);

      expect(result.code).toBe(code);
      expect(result.termination).toMatch(/^countersign gave up after \d s: /);
      const [, said = '', sent] = CAUSE.exec(result.termination) ?? [];
      expect(said).toBe(cause);
      expect(sent !== undefined).toBe(code === 11);
      expect(result.stderr).toBe(`${result.termination}\n`);
      expect(await readdir(pod.filesDir)).toEqual([]);
    });

    it.each<[string, () => Promise<string>, string, string]>([
      [
        'for another audience',
        () => jwt.sign('other'),
        'invalid audience (aud) claim: audience claim does not match any expected audience',
        'system:serviceaccount:shop:api, audience other, valid for N s',
      ],
      [
        'that has ended',
        () => jwt.sign('vault', {}, '-10m'),
        'invalid expiration time (exp) claim: token is expired',
        'system:serviceaccount:shop:api, audience vault, expired N s ago',
      ],
      [
        'of nobody',
        async () => 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln',
        'error verifying token signature: no known key successfully validated the token signature',
        'no subject, no audience, no expiry',
      ],
    ])('a login by a token %s, in one line that says what was sent', async (_, made, cause, sent) => {
      token = await made();
      await writeFile(pod.tokenFile, token);

      const { code, termination } = await run(config([db, old]), impatient);

      expect(code).toBe(11);
      expect(termination.replaceAll(/\d+ s\b/g, 'N s')).toBe(
        'countersign gave up after N s: countersign.dev/vault-role: vault answered 400 to the login at auth/jwt as role ' +
          `shop_api: error validating token: ${cause} (the token sent: ${sent})`,
      );
      expect(await readdir(pod.filesDir)).toEqual([]);
      await expect(stat(pod.stateFile)).rejects.toThrow('ENOENT');
    });

    it('a deleted secret is said to be deleted, and which version', async () => {
      await server.call('POST', 'secret/data/shop/gone', { data: { a: 'b' } });
      await server.call('DELETE', 'secret/data/shop/gone');
      const gone = credential('gone', { path: 'secret/data/shop/gone', kv2: true });

      const { code, termination } = await run(config([gone]), impatient);

      expect(code).toBe(13);
      expect(termination).toContain('credential.gone: secret/data/shop/gone: its version 1 is deleted');
    });

    it('a certificate that is not trusted gives nothing away', async () => {
      const { ca: _, ...vault } = config([]).vault;

      const { code, termination } = await run(config([db], { vault }), impatient);

      expect(code).toBe(12);
      expect(termination).toMatch(/: unable to verify the first certificate$/);
    });

    // Last: nothing answers behind it.
    it('everything, when it is sealed', async () => {
      await server.call('POST', 'sys/seal');

      const { code, termination } = await run(config([db]), impatient);

      expect(code).toBe(12);
      expect(termination).toContain('countersign.dev/vault-role: vault answered 503 to the login');
      expect(termination).toContain('Vault is sealed');
    });
  });
}
