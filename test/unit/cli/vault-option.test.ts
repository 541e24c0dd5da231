import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { vaultOf } from '../../../src/cli/vault-option.ts';
import type { AccountLabels } from '../../../src/core/vault/role.ts';
import { withFiles } from '../../support/cli.ts';
import { heardHost } from '../../support/cli-host.ts';
import { answer, type Behaviour, type FakeVault, startFakeVault } from '../../support/fake-vault.ts';

const TOKEN = 'hvs.thisIsTheTokenOfJane0000';
const started: FakeVault[] = [];
afterAll(async () => {
  await Promise.all(started.map((fake) => fake.stop()));
});

async function fakeVault(behave: () => Behaviour): Promise<FakeVault> {
  const fake = await startFakeVault(behave);
  started.push(fake);
  return fake;
}

const labelsOf = (account: AccountLabels['account']) => ({ account, uid: undefined, namespaceLabels: {} });

/** Reads it as `--vault default` would, from a home with these files. */
function read(env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}) {
  return withFiles({ 'home/x': '', ...files }, async (dir) => {
    const here = Object.entries(env).map(([name, value]) => [name, value.replace('DIR', dir)] as const);
    const vault = await vaultOf({ vault: 'default' }, Object.fromEntries(here), `${dir}/home`);
    return vault?.read([], labelsOf);
  });
}

const ADDR = 'https://127.0.0.1:1';

describe('--vault', () => {
  it.each([
    ['no VAULT_ADDR', {}, /^--vault needs VAULT_ADDR, such as https/u],
    ['a path in VAULT_ADDR', { VAULT_ADDR: 'https://v.example/v1' }, /^VAULT_ADDR: expected https/u],
    ['no scheme in VAULT_ADDR', { VAULT_ADDR: 'v.example:8200' }, /^VAULT_ADDR: expected https/u],
    [
      'an impossible VAULT_NAMESPACE',
      { VAULT_ADDR: ADDR, VAULT_NAMESPACE: 'a b' },
      /^VAULT_NAMESPACE: expected a Vault namespace/u,
    ],
    [
      'a VAULT_CACERT that is not there',
      { VAULT_ADDR: ADDR, VAULT_CACERT: 'DIR/gone.pem' },
      /^VAULT_CACERT: .*gone\.pem cannot be read \(ENOENT\)/u,
    ],
    [
      'a VAULT_CACERT that holds no certificate',
      { VAULT_ADDR: ADDR, VAULT_CACERT: 'DIR/home/x' },
      /^VAULT_CACERT: expected certificates in PEM/u,
    ],
    [
      'an impossible VAULT_TLS_SERVER_NAME',
      { VAULT_ADDR: ADDR, VAULT_TLS_SERVER_NAME: 'a/b' },
      /^VAULT_TLS_SERVER_NAME: expected a host name/u,
    ],
    ['no token', { VAULT_ADDR: ADDR }, /^no token for Vault: vault login keeps one in ~\/\.vault-token/u],
    ['a token that is none', { VAULT_ADDR: ADDR, VAULT_TOKEN: 'a\nb' }, /the vault token is not printable/u],
  ])('is a mistake of use with %s', async (_, env, message) => {
    await expect(read(env)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringMatching(message),
    });
  });

  it.each([
    [
      '--vault-auth-mount alone',
      ['report', '--vault-auth-mount', 'x'],
      '--vault-auth-mount goes with --vault',
    ],
    ['a folder to report', ['report', 'DIR', '--vault', 'default'], '--vault is for what is in a cluster'],
    ['a folder to fix', ['fix', 'DIR', '--vault', 'default'], '--vault is for what is in a cluster'],
    ['a name that is none', ['report', '--vault', 'a/b'], 'expected the name of a connection'],
    ['a mount that is none', ['ui', '--vault', 'a', '--vault-auth-mount', '../x'], 'expected a mount'],
  ])('is a mistake of use with %s', async (_, args, message) => {
    const { host, err } = heardHost();
    const code = await withFiles({ 'x.yaml': '' }, (dir) =>
      runCli(
        args.map((arg) => arg.replace('DIR', dir)),
        host,
      ),
    );

    expect([code, err()]).toEqual([2, expect.stringContaining(message)]);
  });

  it.each<readonly [string, Behaviour, RegExp]>([
    ['is sealed', answer({ errors: ['Vault is sealed'] }, 503), /sealed.*; try again when it is unsealed/u],
    [
      'is a standby',
      answer({}, 307, { location: 'http://other/' }),
      /standby.*; set VAULT_ADDR to the active/u,
    ],
    ['answers no more', answer({ errors: [] }, 429, { 'retry-after': '60' }), /; try again in a moment/u],
    [
      'is something else',
      { kind: 'text', status: 200, body: '<html>' },
      /; check that VAULT_ADDR is a Vault/u,
    ],
    ['hangs up', { kind: 'hang-up' }, /cannot be reached.*; check VAULT_ADDR/u],
    ['refuses all', answer({ errors: ['permission denied'] }, 403), /does not take your token; vault login/u],
  ])('says what to do next where Vault %s', async (_, behaviour, message) => {
    const { address } = await fakeVault(() => behaviour);
    const failure = await read({ VAULT_ADDR: address, VAULT_TOKEN: TOKEN }).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'ERR_VAULT_REFUSED', message: expect.stringMatching(message) });
    expect(failure).toMatchObject({ message: expect.stringContaining(`connection default at ${address}: `) });
    expect(String(failure)).not.toContain(TOKEN);
  });

  it('says what to do next where nobody listens', async () => {
    const fake = await fakeVault(() => answer({}));
    await fake.stop();

    await expect(read({ VAULT_ADDR: fake.address, VAULT_TOKEN: TOKEN })).rejects.toThrow(
      /cannot be reached.*; check VAULT_ADDR, and that this machine may reach it/u,
    );
  });

  it.each([
    ['VAULT_TOKEN before the file', { VAULT_TOKEN: TOKEN }, 'other', TOKEN],
    ['the file where VAULT_TOKEN is empty', { VAULT_TOKEN: '' }, `${TOKEN}\n`, TOKEN],
  ])('sends %s, and the namespace, to VAULT_ADDR', async (_, env, file, sent) => {
    const fake = await fakeVault(() => answer({ errors: [] }, 404));
    await read(
      { VAULT_ADDR: `${fake.address}/`, VAULT_NAMESPACE: 'team/app', ...env },
      { 'home/.vault-token': file },
    ).catch(() => undefined);

    const [first] = fake.asked;
    expect(first?.url).toBe('/v1/sys/internal/ui/mounts/auth/kubernetes');
    expect(first?.headers).toMatchObject({ 'x-vault-token': sent, 'x-vault-namespace': 'team/app' });
  });
});
