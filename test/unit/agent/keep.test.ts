import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runInit, runSidecar } from '../../../src/agent/run.ts';
import type { AgentConfig } from '../../../src/core/inject/agent-config.ts';
import { failing, login, scriptedVault, secret, type TestHost, testHost } from '../../support/agent.ts';
import { lifeConfig as config, sidecar, vaultOf } from '../../support/agent-life.ts';

const refused = failing('ERR_VAULT_REFUSED', 'vault answered 403: permission denied');
const away = failing('ERR_VAULT_UNREACHABLE', 'vault at https://vault:8200: connect ECONNREFUSED');

const hosts: TestHost[] = [];

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.remove();
});

const file = (host: TestHost, name: string) => readFile(join(host.places.filesDir, name), 'utf8');
const env = (host: TestHost) => readFile(join(host.places.envDir, 'env'), 'utf8');
const not = (word: string) => (line: string) => !line.includes(word);

describe('the sidecar', () => {
  it('takes over what init left: no login, no lookup, no fetch, no swap', async () => {
    const { asked, host, code } = await sidecar(60, {});

    expect(asked).toEqual([]);
    expect(host.notified).toEqual([]);
    expect(host.printed.filter((line) => line.includes('in place'))).toHaveLength(1);
    expect(code).toBe(0);
  });

  it('renews token and lease at two thirds of their life, a bit early, and swaps nothing for it', async () => {
    const { asked, host } = await sidecar(200, { token: 100, lease: 200 });

    expect(asked.filter(not('secret/kv'))).toEqual([
      '63 renew-self',
      '127 renew db/1',
      '127 renew-self',
      '190 renew-self',
    ]);
    expect(host.notified).toEqual([]);
  });

  it('reads again what it is told to, and swaps only what has changed', async () => {
    const { asked, host } = await sidecar(400, {}, (call, at) =>
      call === 'read secret/kv' && at > 250 ? secret({ word: 'newer' }) : undefined,
    );

    expect(asked).toEqual([95, 190, 285, 380].map((at) => `${at} read secret/kv`));
    expect(host.notified).toEqual(['http://localhost:9/reload']);
    expect(await file(host, 'kv')).toBe('newer');
    expect(await env(host)).toBe("WORD='newer'\n");
  });

  it('logs in anew before the maximum of its token, fetches the leases with it, swaps once, then revokes', async () => {
    const { asked, host, vault } = await sidecar(150, { token: 60, tokenMax: 60, lease: 3000 });

    expect(asked.filter(not('secret/kv')).slice(0, 4)).toEqual([
      '38 renew-self',
      '38 login kubernetes shop_api',
      '38 read database/creds/x',
      '49 revoke-self',
    ]);
    expect(vault.tokens[2]).toBe('token-2');
    expect(vault.tokens[vault.calls.indexOf('revoke-self')]).toBe('token-1');
    expect(host.notified.length).toBe(asked.filter((line) => line.includes('login')).length);
    expect(await file(host, 'token')).toBe('token-4');
    expect(await file(host, 'db')).toBe('db-4');
  });

  it('does not ask a token to be renewed that can not be', async () => {
    const { asked } = await sidecar(60, { token: 60 }, (call) =>
      call.startsWith('login') ? { ...login('token-9', 60), renewable: false } : undefined,
    );
    // The first was renewable; the test is of the second.
    expect(asked[0]).toBe('38 renew-self');
    const { asked: later } = await sidecar(110, { token: 60, tokenMax: 60 }, (call) =>
      call.startsWith('login') ? { ...login('token-9', 60), renewable: false } : undefined,
    );
    expect(later.filter((line) => line.includes('renew-self'))).toHaveLength(1);
    expect(later.filter((line) => line.includes('login'))).toHaveLength(2);
  });

  it('fetches a lease anew when its maximum is near', async () => {
    const { asked, host } = await sidecar(60, { lease: 60, leaseMax: 60 });

    expect(asked).toEqual(['38 renew db/1', '38 read database/creds/x']);
    expect(await file(host, 'db')).toBe('db-2');
    expect(host.notified).toHaveLength(1);
  });

  it('fetches a lease anew that can not be renewed, or that Vault does not renew', async () => {
    const { asked } = await sidecar(45, { lease: 60 }, (call) =>
      call.startsWith('renew ') ? refused : undefined,
    );
    expect(asked).toEqual(['38 renew db/1', '38 read database/creds/x']);
  });

  it('that finds its token revoked takes another at once', async () => {
    const { asked } = await sidecar(110, {}, (call, at) =>
      call === 'lookup-self' || (call === 'read secret/kv' && at < 96) ? refused : undefined,
    );
    expect(asked.slice(0, 4)).toEqual([
      '95 read secret/kv',
      '95 lookup-self',
      '95 login kubernetes shop_api',
      '95 read database/creds/x',
    ]);
  });
});

describe('rotate: restart', () => {
  const restarting: AgentConfig = { ...config, rotate: 'restart' };
  const newer = (call: string) => (call === 'read secret/kv' ? secret({ word: 'newer' }) : undefined);

  it('writes everything, then asks for the restart by its exit code', async () => {
    const { host, code, vault } = await sidecar(400, {}, newer, restarting);

    expect(code).toBe(88);
    expect(await env(host)).toBe("WORD='newer'\n");
    expect(await file(host, 'kv')).toBe('newer');
    expect(host.reported).toEqual([]);
    expect(vault.calls).not.toContain('revoke-self');
  });

  it('asks again when it was killed before anybody heard, and not once init has run', async () => {
    const { host } = await sidecar(400, {}, newer, restarting);

    const again = scriptedVault(() => refused);
    expect(await runSidecar(host, () => again)).toBe(88);
    expect(again.calls).toEqual([]);

    const init = scriptedVault((call, count) => newer(call) ?? vaultOf(host, {})(call, count));
    expect(await runInit(host, () => init)).toBe(0);
    expect(init.calls).toEqual(['lookup-self', 'read secret/kv', 'read secret/once']);
    host.stopAfter(10);
    expect(await runSidecar(host, () => scriptedVault(() => ({})))).toBe(0);
  });

  it('does not go in circles when Vault is away while the containers restart', async () => {
    const { host } = await sidecar(400, {}, newer, restarting);

    expect(await runInit(host, () => scriptedVault(() => away))).toBe(0);
    host.stopAfter(10);
    expect(await runSidecar(host, () => scriptedVault(() => ({})))).toBe(0);
  });

  it('is not asked for when only files change', async () => {
    const { code, host } = await sidecar(60, { lease: 60, leaseMax: 60 }, () => undefined, restarting);
    expect(host.notified).toHaveLength(1);
    expect(code).toBe(0);
  });
});

describe('the end', () => {
  it('revokes the token, and forgets what ended with it', async () => {
    const { vault, host, code } = await sidecar(10, {});

    expect(code).toBe(0);
    expect(vault.calls).toEqual(['revoke-self']);
    expect(vault.tokens).toEqual(['token-1']);
    expect(await readFile(join(host.places.stateDir, 'state.json'), 'utf8')).not.toContain('token-1');
  });

  it('revokes the token before, too, where it still lives', async () => {
    const { vault, asked } = await sidecar(44, { token: 60, tokenMax: 60 });
    expect(asked.at(-1)).toBe('38 read database/creds/x');
    expect(vault.tokens.slice(-2)).toEqual(['token-2', 'token-1']);
  });

  it('keeps the token in its state when Vault did not hear, and says so', async () => {
    const { host } = await sidecar(10, {}, (call) => (call === 'revoke-self' ? away : undefined));
    expect(await readFile(join(host.places.stateDir, 'state.json'), 'utf8')).toContain('token-1');
    expect(host.printed.at(-1)).toContain('"revoked":0');
  });

  it('of a container alone is followed by a login and a swap, and no loss of files', async () => {
    const { host } = await sidecar(10, {});
    const second = await testHost(config);
    hosts.push(second);
    const next = { ...second, places: host.places, env: host.env };
    next.stopAfter(5);

    const vault = scriptedVault(vaultOf(second, {}));
    expect(await runSidecar(next, () => vault)).toBe(0);

    expect(vault.calls.slice(0, 2)).toEqual(['login kubernetes shop_api', 'read database/creds/x']);
  });

  it('does not come before the first success without a cause', async () => {
    const host = await testHost(config);
    hosts.push(host);
    host.env['COUNTERSIGN_GIVE_UP_SECONDS'] = '5';
    expect(await runSidecar(host, () => scriptedVault(() => away))).toBe(12);
    expect(host.reported[0]).toMatch(
      /^countersign gave up after \d s: countersign.dev\/vault-role: vault at/,
    );
  });

  it('of the first success is none: without a usable state the sidecar does what init does', async () => {
    const host = await testHost(config);
    hosts.push(host);
    await writeFile(join(host.places.stateDir, 'state.json'), '{"version":');
    host.stopAfter(60);
    const vault = scriptedVault(vaultOf(host, {}));

    expect(await runSidecar(host, () => vault)).toBe(0);

    expect(await file(host, 'db')).toBe('db-1');
    expect(vault.calls).toEqual([
      'login kubernetes shop_api',
      'read database/creds/x',
      'read secret/kv',
      'read secret/once',
      'revoke-self',
    ]);
  });
});
