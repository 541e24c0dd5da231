import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { creationPath } from '../../../src/core/inject/issuance.ts';
import { objectOf, textOf } from '../../../src/core/json.ts';
import { createVaultClient } from '../../../src/vault/client.ts';
import {
  allowMinting,
  type MintingServer,
  shippedPolicies,
  startMinting,
  TOKEN_ROLE,
  WANTED,
} from '../../support/minting.ts';
import { type OpenBao, startOpenBao } from '../../support/openbao.ts';
import { enableJwt, type JwtMount } from '../../support/openbao-jwt.ts';

const OPEN = new AbortController().signal;

let bao: OpenBao;
let jwt: JwtMount;
const started: MintingServer[] = [];

beforeAll(async () => {
  bao = await startOpenBao({ tls: true });
  jwt = await enableJwt(bao);
  await allowMinting(bao);
});
afterAll(() => bao?.stop());
afterEach(() => Promise.all(started.splice(0).map((one) => one.stop())));

async function minting(policy?: string, wrapTtlSeconds = 60): Promise<MintingServer> {
  const one = await startMinting(bao, jwt, { wrapTtlSeconds, ...(policy !== undefined && { policy }) });
  started.push(one);
  return one;
}

async function unwrapped(wrappingToken: string) {
  const answer = await bao.call('POST', 'sys/wrapping/unwrap', { token: wrappingToken });
  return objectOf(answer['auth']);
}

async function mintOne({ minter }: MintingServer) {
  const outcome = await minter.mint(WANTED, OPEN);
  if (outcome.kind !== 'minted') throw new Error(outcome.why);
  return outcome.minted;
}

describe('a token that is minted', () => {
  it('is wrapped, short of life, an orphan, and says for whom it is', async () => {
    const minted = await mintOne(await minting());
    const seconds = minted.expiresAtSeconds - Date.now() / 1000;
    const auth = await unwrapped(minted.wrappingToken);

    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(61);
    expect(auth).toMatchObject({
      accessor: minted.accessor,
      lease_duration: 120,
      renewable: true,
      orphan: true,
      policies: ['default', 'shop'],
      metadata: { namespace: 'shop', serviceAccount: 'api', owner: 'ReplicaSet/api-1' },
    });
  });

  it('outlives the identity that asked for it', async () => {
    const one = await minting();
    const minted = await mintOne(one);
    await one.stop();
    started.splice(0);

    expect(textOf((await unwrapped(minted.wrappingToken))['client_token'])).toBeDefined();
  });

  it('is revoked by its accessor, and once more without a failure', async () => {
    const one = await minting();
    const minted = await mintOne(one);
    const token = textOf((await unwrapped(minted.wrappingToken))['client_token']) ?? '';

    await one.revoker.revoke('default', minted.accessor, OPEN);
    await one.revoker.revoke('default', minted.accessor, OPEN);

    await expect(bao.call('POST', 'auth/token/lookup', { token })).rejects.toThrow('403');
  });

  it.each<[string, object, string]>([
    ['does not exist', { tokenRole: 'wrapped_none' }, 'there is no token role wrapped_none'],
    ['has parents', { tokenRole: 'wrapped_child' }, 'token role wrapped_child is not orphan'],
    ['is none of ours', { tokenRole: 'admin' }, 'permission denied'],
    ['is at a connection without an identity', { vault: 'far' }, 'no identity of our own'],
  ])('is not to be had where the token role %s', async (_, changes, why) => {
    await bao.call('POST', 'auth/token/roles/wrapped_child', { allowed_policies: 'shop', orphan: false });
    const { minter } = await minting();

    expect(await minter.mint({ ...WANTED, ...changes }, OPEN)).toEqual({
      kind: 'failed',
      why: expect.stringContaining(why),
    });
  });

  it('is not taken of type batch, which could not be revoked', async () => {
    await bao.call('POST', 'auth/token/roles/wrapped_batch', {
      allowed_policies: 'shop',
      orphan: true,
      renewable: false,
      token_type: 'batch',
    });
    const { minter } = await minting();

    expect(await minter.mint({ ...WANTED, tokenRole: 'wrapped_batch' }, OPEN)).toMatchObject({
      kind: 'failed',
    });
  });
});

describe('the policy that ships for it', () => {
  const blocks = async () => (await shippedPolicies()).match(/^path [^}]+\}$/gm) ?? [];
  const without = async (path: string) => {
    const all = await blocks();
    const rest = all.filter((block) => !block.startsWith(`path "${path}"`));
    expect(rest).toHaveLength(all.length - 1);
    return rest.join('\n');
  };

  it('is enough', async () => {
    const one = await minting((await blocks()).join('\n'));
    const { accessor } = await mintOne(one);

    await expect(one.revoker.revoke('default', accessor, OPEN)).resolves.toBeUndefined();
  });

  it.each(['auth/token/create/wrapped_*', 'auth/token/roles/wrapped_*'])(
    'is needed to mint: %s',
    async (path) => {
      const { minter } = await minting(await without(path));

      expect(await minter.mint(WANTED, OPEN)).toMatchObject({
        kind: 'failed',
        why: expect.stringContaining('permission denied'),
      });
    },
  );

  it('is needed to revoke', async () => {
    const one = await minting(await without('auth/token/revoke-accessor'));
    const { accessor } = await mintOne(one);

    await expect(one.revoker.revoke('default', accessor, OPEN)).rejects.toMatchObject({
      code: 'ERR_VAULT_REFUSED',
    });
  });

  it('gives no token that is not wrapped, nor one that stays wrapped for longer', async () => {
    await bao.call('PUT', 'sys/policies/acl/own', { policy: (await blocks()).join('\n') });
    const { auth } = await bao.call('POST', 'auth/token/create', { policies: ['own'] });
    const token = textOf(objectOf(auth)['client_token']) ?? '';
    const client = createVaultClient({ address: bao.address, ca: bao.ca ?? '' });
    const path = creationPath(TOKEN_ROLE);
    const wrapped = (wrapTtlSeconds: number) =>
      client.createWrapped({ path, ttlSeconds: 60, wrapTtlSeconds, displayName: 'x', meta: {} }, token);

    const refused = { code: 'ERR_VAULT_REFUSED' };
    await expect(client.write(path, {}, token)).rejects.toMatchObject(refused);
    await expect(wrapped(601)).rejects.toMatchObject(refused);
    await expect(wrapped(600)).resolves.toHaveProperty('wrappingToken');
    client.close();
  });
});
