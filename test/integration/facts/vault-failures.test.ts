import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WatchedVault } from '../../../src/facts/vault/watch.ts';
import { answer, type Behaviour, type FakeVault, startFakeVault } from '../../support/fake-vault.ts';
import { API, startVaultBench, type VaultBench } from '../../support/vault-facts.ts';

/** What a Vault may be instead of well: each has its reason, and none of them is a pass. */

const OPEN = new AbortController().signal;

let bench: VaultBench;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-vault-failures-'));
  bench = await startVaultBench({ tls: true });
  await bench.bao.call('POST', 'sys/auth/userpass', { type: 'userpass' });
  await bench.role('app', { token_policies: 'app' });
}, 60_000);

afterAll(async () => {
  await bench?.stop();
  await rm(folder, { recursive: true });
});

type Connection = WatchedVault['connection'];

interface Changes extends Partial<Omit<WatchedVault, 'connection'> & Omit<Connection, 'ca'>> {
  /** `undefined`: the roots of the system. */
  readonly ca?: string | undefined;
}

async function failing({ role, loginMount, tokenFile, ...changes }: Changes) {
  const { address } = bench.bao;
  const { ca, ...connection } = { ca: bench.bao.ca, ...changes };
  const vaults = bench.watch({
    ...(role !== undefined && { role }),
    ...(loginMount !== undefined && { loginMount }),
    ...(tokenFile !== undefined && { tokenFile }),
    connection: {
      name: 'default',
      address,
      ...(ca !== undefined && { ca }),
      authMount: 'kubernetes',
      authMethod: 'kubernetes',
      audience: 'vault',
      ...connection,
    },
  });
  const held = await bench.held(vaults);
  const live = await vaults.live.vault(API, OPEN);
  return { held, live, problems: vaults.problems() };
}

async function fileOf(text: string): Promise<string> {
  const file = join(folder, `${text.length}`);
  await writeFile(file, text);
  return file;
}

describe('a real OpenBao', () => {
  it.each<[string, () => Changes | Promise<Changes>, string]>([
    [
      'whose certificate is not trusted',
      () => ({ ca: undefined }),
      'there is no trusted TLS connection to Vault: vault at https://',
    ],
    [
      'with another name in its certificate',
      () => ({ tlsServerName: 'vault.example' }),
      'there is no trusted TLS connection to Vault: vault at https://',
    ],
    [
      'that is not there',
      () => ({ address: 'https://127.0.0.1:9' }),
      'Vault cannot be reached: vault at https://127.0.0.1:9',
    ],
    [
      'that speaks no TLS',
      async () => ({ address: (await startSilent()).address.replace('http:', 'https:') }),
      'there is no trusted TLS connection to Vault',
    ],
    [
      'with another method at the mount',
      () => ({ authMount: 'userpass' }),
      'Vault policies do not allow it: there is no mount auth/userpass',
    ],
    [
      'with the other of both methods at the mount',
      () => ({ authMethod: 'jwt' }),
      'the mount is of another auth method than configured: expected jwt, found kubernetes',
    ],
    [
      'without the mount',
      () => ({ authMount: 'nope' }),
      'there is no mount auth/nope, or none that we may use',
    ],
    [
      'without our role',
      () => ({ role: 'nobody' }),
      'Vault refuses our login: vault answered 400 to the login at auth/jwt as role nobody',
    ],
    [
      'without the mount of our login',
      () => ({ loginMount: 'nope' }),
      'Vault refuses our login: vault answered 403',
    ],
    [
      'for which there is no token',
      () => ({ tokenFile: join(folder, 'none') }),
      'the token for the login at Vault cannot be read: ',
    ],
    [
      'for which the token is none',
      async () => ({ tokenFile: await fileOf('not a token\n') }),
      'does not hold a JWT',
    ],
  ])('%s is not read, and says why', async (_, changes, why) => {
    const { held, live, problems } = await failing(await changes());
    expect(held).toEqual({
      logins: [],
      read: [],
      unread: [{ connection: 'default', why: expect.stringContaining(why) as string }],
    });
    expect(problems).toEqual(held.unread.map(({ why: said }) => `Vault connection default: ${said}`));
    expect(live).toEqual(held);
  });

  it('with a policy of comments alone gives nothing by it', async () => {
    await bench.policy('app', '# nothing');
    const { held } = await failing({});
    const [login] = held.logins;
    expect(login?.unknown).toEqual([]);
    expect(login?.acl.rules.flatMap(({ policies }) => policies)).not.toContain('app');
  });
});

let silent: FakeVault | undefined;
afterAll(() => silent?.stop());

async function startSilent(): Promise<FakeVault> {
  silent ??= await startFakeVault(() => ({ kind: 'hang-up' }));
  return silent;
}

const LOGIN = { auth: { client_token: 's.token', lease_duration: 3600, renewable: true } };
const MOUNT = { data: { type: 'kubernetes', accessor: 'auth_kubernetes_1', path: 'kubernetes/' } };
const ROLE = {
  data: {
    bound_service_account_names: ['api'],
    bound_service_account_namespaces: ['shop'],
    token_policies: ['app'],
  },
};
const PATHS: Readonly<Record<string, Behaviour>> = {
  'auth/jwt/login': answer(LOGIN),
  'sys/internal/ui/mounts/auth/kubernetes': answer(MOUNT),
  'auth/kubernetes/role?list=true': answer({ data: { keys: ['app'] } }),
  'auth/kubernetes/role/app': answer(ROLE),
  'sys/policies/acl/app': answer({ data: { policy: 'path "a" { capabilities = ["read"] }' } }),
  'sys/policies/acl/default': answer({ errors: [] }, 404),
  'identity/lookup/entity': answer(undefined, 204),
  'auth/token/revoke-self': answer(undefined, 204),
};

describe('a Vault', () => {
  async function read(paths: Readonly<Record<string, Behaviour>>) {
    const fake = await startFakeVault(({ url }) => {
      const path = url.slice('/v1/'.length);
      return { ...PATHS, ...paths }[path] ?? answer({ errors: [`no ${path}`] }, 404);
    });
    try {
      return await failing({ address: fake.address, ca: undefined });
    } finally {
      await bench.stopWatching();
      await fake.stop();
    }
  }

  it('that is well is read', async () => {
    const { held } = await read({});
    expect(held).toMatchObject({ read: ['default'], unread: [], logins: [{ role: 'app', unknown: [] }] });
  });

  const sealed = answer({ errors: ['Vault is sealed'] }, 503);
  it.each<[string, Readonly<Record<string, Behaviour>>, string]>([
    [
      'is sealed',
      { 'sys/internal/ui/mounts/auth/kubernetes': sealed },
      'Vault is sealed or a standby: vault answered 503',
    ],
    [
      'is sealed at the login',
      { 'auth/jwt/login': sealed },
      'Vault is sealed or a standby: vault answered 503',
    ],
    [
      'is sealed half-way',
      { 'sys/policies/acl/app': sealed },
      'Vault is sealed or a standby: vault answered 503',
    ],
    [
      'is a standby',
      { 'auth/jwt/login': answer('', 473) },
      'Vault is sealed or a standby: vault answered 473',
    ],
    [
      'is a standby that redirects',
      { 'auth/jwt/login': answer('', 307, { location: 'http://127.0.0.1:1/' }) },
      'Vault sends us to another server, as a standby does: vault answered 307',
    ],
    [
      'is asked too much',
      { 'auth/kubernetes/role/app': answer({ errors: ['quota'] }, 429, { 'retry-after': '60' }) },
      'Vault answers no more questions for now: vault answered 429',
    ],
    [
      'logs in without a token',
      { 'auth/jwt/login': answer({ auth: {} }) },
      'Vault answers with something unexpected: vault answered to the login',
    ],
    [
      'answers in HTML',
      { 'auth/jwt/login': { kind: 'text', status: 200, body: '<html>' } },
      'Vault answers with something unexpected',
    ],
    [
      'has a mount without accessor',
      { 'sys/internal/ui/mounts/auth/kubernetes': answer({ data: { type: 'kubernetes' } }) },
      'auth/kubernetes without type or accessor',
    ],
    [
      'answers with the mount above',
      { 'sys/internal/ui/mounts/auth/kubernetes': answer({ data: { ...MOUNT.data, path: 'kube/' } }) },
      'there is no mount auth/kubernetes',
    ],
    [
      'lists roles that are no texts',
      { 'auth/kubernetes/role?list=true': answer({ data: { keys: [1] } }) },
      'without a usable keys',
    ],
  ])('that %s is not read, and says why', async (_, paths, why) => {
    const { held } = await read(paths);
    expect(held).toEqual({
      logins: [],
      read: [],
      unread: [{ connection: 'default', why: expect.stringContaining(why) as string }],
    });
  });

  it.each<[string, unknown]>([
    ['a role of the wrong shape', { data: { bound_service_account_names: { api: true } } }],
    ['a role that is a list', { data: [] }],
    ['a role of another method', { data: { user_claim: 'sub' } }],
  ])('with %s may have more logins', async (_, body) => {
    const { held, live } = await read({ 'auth/kubernetes/role/app': answer(body) });
    const unread = [{ connection: 'default', why: expect.stringMatching(/^role app: /) as string }];
    expect(held).toEqual({ logins: [], read: [], unread });
    expect(live).toEqual({ logins: [], read: [], unread });
  });

  it.each<[string, Readonly<Record<string, Behaviour>>, string]>([
    [
      'a policy without a text',
      { 'sys/policies/acl/app': answer({ data: {} }) },
      'policy app: Vault answers with something unexpected',
    ],
    [
      'a policy that cannot be parsed',
      { 'sys/policies/acl/app': answer({ data: { policy: 'path "a" {' } }) },
      'policy app, line 1: ',
    ],
    [
      'a policy that we may not read',
      { 'sys/policies/acl/app': answer({ errors: ['permission denied'] }, 403) },
      'policy app: Vault policies do not allow it',
    ],
    [
      'an entity without an id',
      { 'identity/lookup/entity': answer({ data: { name: 'x' } }) },
      'the identity of the login: Vault answers with something unexpected: an entity without a usable id',
    ],
    [
      'groups that are no list',
      { 'identity/lookup/entity': answer({ data: { id: 'i', name: 'n', direct_group_ids: 'g' } }) },
      'without a usable direct_group_ids',
    ],
    [
      'a group that is gone',
      {
        'identity/lookup/entity': answer({ data: { id: 'i', name: 'n', direct_group_ids: ['g'] } }),
        'identity/group/id/g': answer({ errors: [] }, 404),
      },
      'a group of the account is in another namespace of Vault, or gone',
    ],
  ])('with %s gives what is not known', async (_, paths, why) => {
    const { held } = await read(paths);
    expect(held.logins.map(({ unknown }) => unknown)).toEqual([[expect.stringContaining(why)]]);
  });
});

describe('what was read once', () => {
  it('stays in use while Vault is sealed, until it is too old', async () => {
    let laterMs = 0;
    const vaults = bench.watch({ refreshSeconds: 0.05 }, {}, () => laterMs);
    const before = await bench.held(vaults);
    expect(before.unread).toEqual([]);
    await bench.bao.call('POST', 'sys/seal');
    await vi.waitFor(() => expect(vaults.problems()).not.toEqual([]), { timeout: 10_000 });
    expect(vaults.problems()).toEqual([
      expect.stringMatching(/^Vault connection default: Vault is sealed or a standby: /),
    ]);
    expect(vaults.vault(API)).toEqual(before);
    expect(await vaults.live.vault(API, OPEN)).toEqual({
      logins: [],
      read: [],
      unread: [
        { connection: 'default', why: expect.stringMatching(/^Vault is sealed or a standby: /) as string },
      ],
    });
    laterMs = 301_000;
    expect(vaults.vault(API)).toEqual({
      logins: before.logins,
      read: [],
      unread: [
        {
          connection: 'default',
          why: expect.stringMatching(/^Vault was read \d+ s ago; Vault is sealed/) as string,
        },
      ],
    });
  });
});
