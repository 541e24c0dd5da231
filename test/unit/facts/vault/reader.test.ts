import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CountersignError } from '../../../../src/core/errors.ts';
import { createReader, type VaultReader } from '../../../../src/facts/vault/reader.ts';
import { failing, login, type Script, type ScriptedVault, scriptedVault } from '../../../support/agent.ts';
import { createManualClock, type ManualClock } from '../../kube/manual-clock.ts';

const JWT = 'aaa.bbb.ccc';

let folder = '';
let tokenFile = '';
let clock: ManualClock;

beforeEach(async () => {
  clock = createManualClock();
  folder = await mkdtemp(join(tmpdir(), 'countersign-reader-'));
  tokenFile = join(folder, 'token');
  await writeFile(tokenFile, `${JWT}\n`);
});

afterEach(() => rm(folder, { recursive: true }));

/** Whose logins are numbered, and whose renewals give `ttlSeconds`. */
function vaultOf(
  renew: (count: number) => ReturnType<Script>,
  logIn: (count: number) => ReturnType<Script> = (count) => login(`t${count}`),
): ScriptedVault {
  return scriptedVault((call, count) => {
    if (call.startsWith('login')) return logIn(count);
    return call === 'renew-self' ? renew(count) : {};
  });
}

function readerOf(vault: ScriptedVault): VaultReader {
  return createReader({ client: vault, mount: 'jwt', role: 'countersign', tokenFile, clock });
}

const renewal = (ttlSeconds: number) => ({ ttlSeconds, renewable: true });
const token = (reader: VaultReader) => reader.call((used) => Promise.resolve(used));
const forbidden = new CountersignError('ERR_VAULT_REFUSED', 'vault answered 403', { cause: { status: 403 } });
const HOUR_MS = 3_600_000;

describe('our own token', () => {
  it('is one login for all who ask at once, and for two thirds of its life', async () => {
    const vault = vaultOf(() => renewal(3600));
    const reader = readerOf(vault);
    expect(await Promise.all([token(reader), token(reader)])).toEqual(['t0', 't0']);
    clock.advance(HOUR_MS * 0.6);
    expect(await token(reader)).toBe('t0');
    expect(vault.calls).toEqual(['login jwt countersign']);
  });

  it('is renewed after that', async () => {
    const vault = vaultOf(() => renewal(3600));
    const reader = readerOf(vault);
    await token(reader);
    clock.advance(HOUR_MS * 0.7);
    expect(await token(reader)).toBe('t0');
    clock.advance(HOUR_MS * 0.6);
    expect(await token(reader)).toBe('t0');
    expect(vault.calls).toEqual(['login jwt countersign', 'renew-self']);
  });

  it.each([
    ['gives too little', () => renewal(1000)],
    ['is refused', () => forbidden],
    ['fails', () => failing('ERR_VAULT_UNREACHABLE', 'away')],
  ])('is had anew where a renewal %s', async (_, renew) => {
    const vault = vaultOf(renew);
    const reader = readerOf(vault);
    await token(reader);
    clock.advance(HOUR_MS * 0.7);
    expect(await token(reader)).toBe('t1');
  });

  it('is used to its end where there is no other', async () => {
    const away = failing('ERR_VAULT_UNREACHABLE', 'away');
    const vault = vaultOf(
      () => away,
      (count) => (count === 0 ? login('t0') : away),
    );
    const reader = readerOf(vault);
    await token(reader);
    clock.advance(HOUR_MS * 0.7);
    expect(await token(reader)).toBe('t0');
    clock.advance(HOUR_MS * 0.3);
    await expect(token(reader)).rejects.toBe(away);
  });

  it('is not asked for again at once where a login failed', async () => {
    const away = failing('ERR_VAULT_UNREACHABLE', 'away');
    const vault = vaultOf(
      () => away,
      () => away,
    );
    const reader = readerOf(vault);
    await expect(token(reader)).rejects.toBe(away);
    await expect(token(reader)).rejects.toBe(away);
    expect(vault.calls).toHaveLength(1);
    clock.advance(1000);
    await expect(token(reader)).rejects.toBe(away);
    expect(vault.calls).toHaveLength(2);
  });

  it('is had anew, once, where Vault refuses one that is not fresh', async () => {
    const vault = vaultOf(() => renewal(3600));
    const reader = readerOf(vault);
    const asked: string[] = [];
    const refused = () =>
      reader.call((used) => {
        asked.push(used);
        return Promise.reject(forbidden);
      });
    await expect(refused()).rejects.toBe(forbidden);
    expect(asked).toEqual(['t0']);
    clock.advance(10_000);
    await expect(refused()).rejects.toBe(forbidden);
    expect(asked).toEqual(['t0', 't0', 't1']);
  });

  it('comes by what the file holds at the login', async () => {
    const jwts: string[] = [];
    const client = {
      ...vaultOf(() => forbidden),
      login: ({ jwt }: { readonly jwt: string }) => {
        jwts.push(jwt);
        return Promise.resolve(login(`t${jwts.length}`));
      },
    };
    const reader = createReader({ client, mount: 'jwt', role: 'countersign', tokenFile, clock });
    await token(reader);
    await writeFile(tokenFile, 'ddd.eee.fff');
    clock.advance(HOUR_MS);
    await token(reader);
    expect(jwts).toEqual([JWT, 'ddd.eee.fff']);
  });

  it('is in no message where the file holds something else', async () => {
    await writeFile(tokenFile, 'secret secret');
    const error = await token(readerOf(vaultOf(() => ({})))).catch(String);
    expect(error).toContain('does not hold a JWT');
    expect(error).not.toContain('secret secret');
  });

  it('is revoked in the end, if there is one', async () => {
    const vault = vaultOf(() => ({}));
    const reader = readerOf(vault);
    await reader.stop();
    expect(vault.calls).toEqual([]);
    await token(reader);
    await reader.stop();
    expect(vault.calls.at(-1)).toBe('revoke-self');
    expect(vault.tokens.at(-1)).toBe('t0');
  });
});
