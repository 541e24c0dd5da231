import { describe, expect, it } from 'vitest';
import { CountersignError } from '../../../../src/core/errors.ts';
import { createMinter, createRevoker } from '../../../../src/facts/vault/minter.ts';
import { failing, type Script, scriptedVault, secret } from '../../../support/agent.ts';
import { createManualClock } from '../../kube/manual-clock.ts';

const OPEN = new AbortController().signal;
const MINTED = { wrappingToken: 'hvs.wrapping', accessor: 'accessor-1', expiresAtSeconds: 1000 };
const WANTED = {
  vault: 'default',
  tokenRole: 'wrapped_shop_api',
  account: { namespace: 'shop', name: 'api' },
  owner: '',
};
const AWAY = failing('ERR_VAULT_UNREACHABLE', 'connect ECONNREFUSED');
const REFUSED = new CountersignError('ERR_VAULT_REFUSED', 'vault answered 403', { cause: { status: 403 } });

const ORPHAN = secret({ orphan: true });
const ROLE = 'read auth/token/roles/wrapped_shop_api';
const CREATE = 'create auth/token/create/wrapped_shop_api';

/** @param role what Vault says of any token role. */
function setUp(script: Script, role: object = ORPHAN) {
  const clock = createManualClock();
  const client = scriptedVault((call, count) =>
    call.startsWith('read auth/token/roles/') ? role : script(call, count),
  );
  const reader = { call: <T>(ask: (token: string) => Promise<T>) => ask('own') };
  const vaults = new Map([['default', { client, reader }]]);
  const logged: string[] = [];
  const log = {
    info: (_: object, message: string) => void logged.push(message),
    warn: (_: object, message: string) => void logged.push(message),
  };
  const minter = createMinter({ vaults, wrapTtlSeconds: 120, admits: () => true, clock, log });
  const mint = async (changes: object = {}) => minter.mint({ ...WANTED, ...changes }, OPEN);
  return { clock, client, mint, minter, logged, revoker: createRevoker(vaults) };
}

describe('a minter', () => {
  it('asks as Countersign itself', async () => {
    const { client, mint } = setUp(() => MINTED);

    expect(await mint()).toEqual({ kind: 'minted', minted: MINTED });
    expect(client.calls).toEqual([ROLE, CREATE]);
    expect(client.tokens).toEqual(['own', 'own']);
  });

  it.each<[string, CountersignError, string]>([
    ['is away', AWAY, 'Vault cannot be reached: connect ECONNREFUSED'],
    ['refuses', REFUSED, 'Vault policies do not allow it: vault answered 403'],
  ])('says why there is none when Vault %s', async (_, error, why) => {
    expect(await setUp(() => error).mint()).toEqual({ kind: 'failed', why });
  });

  it('asks nobody for a connection without an identity of our own', async () => {
    const { client, mint } = setUp(() => MINTED);

    expect(await mint({ vault: 'far' })).toMatchObject({ kind: 'failed' });
    expect(client.calls).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['there is none', { data: undefined, warnings: [] }, 'there is no token role wrapped_shop_api'],
    [
      'it is not orphan',
      secret({ orphan: false }),
      'token role wrapped_shop_api is not orphan: its tokens would end with our own',
    ],
  ])('mints nothing by a token role of which %s, and is no failure of Vault', async (_, role, why) => {
    const { client, mint } = setUp(() => MINTED, role);
    for (let count = 0; count < 5; count += 1) expect(await mint()).toEqual({ kind: 'failed', why });

    expect(client.calls).toEqual([ROLE]);
  });

  it('looks at a token role once a minute', async () => {
    const { clock, client, mint } = setUp(() => MINTED);
    await mint();
    clock.advance(59_000);
    await mint();
    expect(client.calls.filter((call) => call === ROLE)).toHaveLength(1);
    clock.advance(1000);
    await mint();

    expect(client.calls.filter((call) => call === ROLE)).toHaveLength(2);
  });

  it('does not wait beyond the signal', async () => {
    const stop = new AbortController();
    const vaults = new Map([
      [
        'default',
        { client: scriptedVault(() => ({})), reader: { call: () => new Promise<never>(() => undefined) } },
      ],
    ]);
    const log = { info: () => undefined, warn: () => undefined };
    const clock = createManualClock();
    const minter = createMinter({ vaults, wrapTtlSeconds: 120, admits: () => true, clock, log });
    const minted = minter.mint(WANTED, stop.signal);
    stop.abort();

    expect(await minted).toEqual({ kind: 'failed', why: 'Vault does not answer in time' });
  });

  it('leaves a Vault alone that fails three times, and tries again after ten seconds', async () => {
    let up = false;
    const { clock, client, mint, logged } = setUp(() => (up ? MINTED : AWAY));
    for (let count = 0; count < 5; count += 1) await mint();
    expect(client.calls.filter((call) => call === CREATE)).toHaveLength(3);
    expect(await mint()).toEqual({ kind: 'failed', why: 'Vault failed several times just now' });

    clock.advance(10_000);
    up = true;

    expect(await mint()).toMatchObject({ kind: 'minted' });
    expect(logged).toEqual(['no wrapped token from a Vault', 'a Vault gives wrapped tokens again']);
  });

  it('goes on asking where one role is refused', async () => {
    const { client, mint, logged } = setUp((call) => (call.endsWith('_x') ? REFUSED : MINTED));
    for (let count = 0; count < 5; count += 1) await mint({ tokenRole: 'wrapped_x' });

    expect(client.calls.filter((call) => call.startsWith('create'))).toHaveLength(5);
    expect(logged).toEqual(['no wrapped token from a Vault']);
    expect(await mint()).toMatchObject({ kind: 'minted' });
  });

  it('lets bugs out', async () => {
    const bug = new TypeError('a bug');
    const script: Script = () => {
      throw bug;
    };

    await expect(setUp(script).mint()).rejects.toBe(bug);
  });
});

describe('a revoker', () => {
  it('revokes as Countersign itself', async () => {
    const { client, revoker } = setUp(() => ({}));
    await revoker.revoke('default', 'accessor-1', OPEN);

    expect([client.calls, client.tokens]).toEqual([['revoke-accessor accessor-1'], ['own']]);
  });

  it('has no identity at another connection', async () => {
    await expect(setUp(() => ({})).revoker.revoke('far', 'a', OPEN)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
    });
  });
});
