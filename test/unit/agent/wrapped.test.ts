import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runInit, runSidecar } from '../../../src/agent/run.ts';
import type { AgentIssuance } from '../../../src/core/inject/agent-config.ts';
import { readAlarm } from '../../../src/core/inject/alarms.ts';
import {
  agentConfig,
  failing,
  login,
  type Script,
  scriptedVault,
  secret,
  startMilliseconds,
  type TestHost,
  testHost,
} from '../../support/agent.ts';

const PATH = 'auth/token/create/wrapped_shop_api';
const GONE = {};
const ISSUANCE: AgentIssuance = {
  kind: 'wrapped',
  creationPath: PATH,
  expiresAtSeconds: startMilliseconds / 1000 + 120,
  fallback: 'login',
};

const hosts: TestHost[] = [];
afterEach(() => Promise.all(hosts.splice(0).map((host) => host.remove())));

async function hostOf(changes: Partial<AgentIssuance> = {}): Promise<TestHost> {
  const host = await testHost(agentConfig({ issuance: { ...ISSUANCE, ...changes } }));
  host.env['COUNTERSIGN_WRAPPING_TOKEN'] = 'hvs.wrapping';
  hosts.push(host);
  return host;
}

/** A Vault at which all goes well, but for these. */
function vaultOf(changes: Readonly<Record<string, Script>> = {}) {
  const usual: Readonly<Record<string, Script>> = {
    'wrapping lookup': () => ({ path: PATH }),
    unwrap: () => login('given', 180),
    'renew-self 3600': () => ({ ttlSeconds: 3600, renewable: true }),
    'lookup-self': () => ({ ttlSeconds: 3600, renewable: true }),
    'login kubernetes shop_api': () => login('own'),
    'read secret/db': () => secret({ password: 'p' }),
    'revoke-self': () => ({}),
  };
  return scriptedVault(
    (call, count) => ({ ...usual, ...changes })[call]?.(call, count) ?? failing('ERR_VAULT_REFUSED', call),
  );
}

async function init(host: TestHost, vault = vaultOf()) {
  const code = await runInit(host, () => vault);
  return { code, calls: vault.calls, tokens: vault.tokens };
}

async function written(host: TestHost): Promise<readonly string[]> {
  const folders = [host.places.filesDir, host.places.envDir, host.places.stateDir];
  return (await Promise.all(folders.map((folder) => readdir(folder)))).flat();
}

describe('a token that waits under a wrapping token', () => {
  it('is looked at, taken once, renewed at once, and used', async () => {
    const { code, calls, tokens } = await init(await hostOf());

    expect(code).toBe(0);
    expect(calls).toEqual(['wrapping lookup', 'unwrap', 'renew-self 3600', 'read secret/db']);
    expect(tokens).toEqual(['hvs.wrapping', 'hvs.wrapping', 'given', 'given']);
  });

  it('is not taken again by a container that starts again', async () => {
    const host = await hostOf();
    await init(host);

    expect(await init(host)).toMatchObject({ code: 0, calls: ['lookup-self', 'read secret/db'] });
  });

  it('is gone on with by the sidecar, which has no wrapping token', async () => {
    const host = await hostOf();
    await init(host);
    delete host.env['COUNTERSIGN_WRAPPING_TOKEN'];
    host.stopAfter(2500);
    const vault = vaultOf();

    expect(await runSidecar(host, () => vault)).toBe(0);
    expect(vault.calls).toEqual(['renew-self 3600', 'revoke-self']);
    expect(vault.tokens).toEqual(['given', 'given']);
  });

  it('does what it can where it may not be renewed', async () => {
    const vault = vaultOf({ 'renew-self 3600': () => failing('ERR_VAULT_REFUSED', 'permission denied') });

    expect(await init(await hostOf(), vault)).toMatchObject({ code: 0 });
  });

  it.each(['login', 'none'] as const)(
    'with fallback %s, is kept or given up when a credential is refused',
    async (fallback) => {
      const host = await hostOf({ fallback });
      const vault = vaultOf({ 'read secret/db': () => failing('ERR_VAULT_REFUSED', 'permission denied') });

      expect(await init(host, vault)).toMatchObject({ code: 13 });
      expect(vault.calls.includes('revoke-self')).toBe(fallback === 'login');
    },
  );
});

describe('a wrapping token that is spent', () => {
  const spent = () => vaultOf({ 'wrapping lookup': () => GONE, unwrap: () => GONE });

  it.each<[string, number]>([
    ['after its end', 121],
    ['so shortly before it that clocks may differ', 116],
  ])('%s means a login, and no alarm', async (_, seconds) => {
    const host = await hostOf();
    host.pass(seconds);

    expect(await init(host, spent())).toMatchObject({
      code: 0,
      calls: ['wrapping lookup', 'login kubernetes shop_api', 'read secret/db'],
    });
    expect(host.reported).toEqual([]);
  });

  it('is a clear failure where no login is allowed', async () => {
    const host = await hostOf({ fallback: 'none' });
    host.pass(121);

    const { code, calls } = await init(host, spent());

    expect(code).toBe(11);
    expect(calls).not.toContain('login kubernetes shop_api');
    expect(host.reported).toEqual([
      expect.stringMatching(
        /^countersign gave up after \d+ s: countersign\.dev\/inject: the token that the pod was given has ended or was not to be had, and it may not log in$/u,
      ),
    ]);
  });

  it.each<[string, Readonly<Record<string, Script>>]>([
    ['before anybody looked', { 'wrapping lookup': () => GONE }],
    ['between the look and the use', { unwrap: () => GONE }],
  ])('before its end, %s, is an alarm: nothing is written, and nothing else is tried', async (_, changes) => {
    const host = await hostOf();

    const { code, calls } = await init(host, vaultOf(changes));

    expect(code).toBe(16);
    expect(calls.every((call) => call === 'wrapping lookup' || call === 'unwrap')).toBe(true);
    expect(host.reported).toEqual([
      'countersign-alarm: UnwrappedByAnother: the wrapping token of this pod was used by somebody else',
    ]);
    expect(readAlarm(host.reported[0])).toBe('UnwrappedByAnother');
    expect(await written(host)).toEqual(['wrapped']);
    // The spread of starts, and no wait for another try.
    expect(host.slept).toEqual([250]);
  });

  it('stays an alarm when the container starts again, even when its time is over', async () => {
    const host = await hostOf();
    await init(host, spent());
    host.pass(600);

    expect(await init(host, spent())).toMatchObject({ code: 16, calls: [] });
  });

  it('is no alarm where our own use of it may have come through', async () => {
    const host = await hostOf();
    const vault = vaultOf({
      'wrapping lookup': (_, count) => (count === 0 ? { path: PATH } : GONE),
      unwrap: () => failing('ERR_VAULT_UNREACHABLE', 'the answer was lost'),
    });

    expect(await init(host, vault)).toMatchObject({ code: 0 });
    expect(vault.calls).toContain('login kubernetes shop_api');
  });

  it('is no alarm after a crash between its use and the saving of the token', async () => {
    const host = await hostOf();
    await writeFile(join(host.places.stateDir, 'wrapped'), 'tried');

    expect(await init(host, spent())).toMatchObject({ code: 0 });
  });

  it('is no alarm while Vault is only away, or refuses for another reason', async () => {
    const host = await hostOf();
    const vault = vaultOf({
      'wrapping lookup': (_, count) =>
        count < 2 ? failing('ERR_VAULT_UNREACHABLE', 'connection refused') : { path: PATH },
    });

    expect(await init(host, vault)).toMatchObject({ code: 0 });
    expect(vault.calls).toContain('unwrap');
  });
});

it.each(['sys/wrapping/wrap', 'auth/token/create', `${PATH}/x`, `${PATH}x`, 'cubbyhole/x'])(
  'a wrapping token that was made at %s is an alarm, and is not used',
  async (path) => {
    const host = await hostOf();

    const { code, calls } = await init(host, vaultOf({ 'wrapping lookup': () => ({ path }) }));

    expect({ code, calls }).toEqual({ code: 16, calls: ['wrapping lookup'] });
    expect(readAlarm(host.reported[0])).toBe('CreatedElsewhere');
    expect(await written(host)).toEqual(['wrapped']);
  },
);

it('no token is ever printed', async () => {
  const host = await hostOf();
  await init(host);
  const state = await readFile(join(host.places.stateDir, 'state.json'), 'utf8');

  expect(state).toContain('given');
  expect(`${host.printed.join()}${host.reported.join()}`).not.toMatch(/given"|hvs\./u);
});
