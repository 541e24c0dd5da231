import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runInit, runSidecar } from '../../../src/agent/run.ts';
import type { AgentConfig } from '../../../src/core/inject/agent-config.ts';
import {
  agentConfig,
  credential,
  failing,
  jwt,
  login,
  type Script,
  type ScriptedVault,
  scriptedVault,
  secret,
  type TestHost,
  testHost,
} from '../../support/agent.ts';

const refused = failing('ERR_VAULT_REFUSED', 'vault answered 403: permission denied');
const away = failing('ERR_VAULT_UNREACHABLE', 'vault at https://vault:8200: connect ECONNREFUSED');
const busy = failing('ERR_VAULT_RATE_LIMITED', 'vault answered 429', 40);
const sealed = failing('ERR_VAULT_SEALED', 'vault answered 503: sealed');
const redirect = failing('ERR_VAULT_REDIRECT', 'vault answered 307');

const hosts: TestHost[] = [];

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.remove();
});

/** A pod whose init has run: a leased credential, a value that is read again every 100 s, the token. */
const config: AgentConfig = agentConfig({
  credentials: [
    credential('db', { path: 'database/creds/x' }),
    credential('kv', { refreshSeconds: 100 }),
    credential('once'),
  ],
  files: [
    { file: 'db', content: { kind: 'field', credential: 'db', field: 'word' } },
    { file: 'kv', content: { kind: 'field', credential: 'kv', field: 'word' } },
  ],
  env: [{ variable: 'WORD', value: { kind: 'field', credential: 'kv', field: 'word', base64: false } }],
  token: true,
  notify: 'http://localhost:9/reload',
});

interface Lives {
  readonly token?: number;
  readonly tokenMax?: number;
  readonly lease?: number;
  readonly leaseMax?: number;
}

/** A Vault that counts: tokens, leases and values carry the number of their making. */
function vaultOf(
  host: TestHost,
  { token = 3600, tokenMax = 36_000, lease = 3600, leaseMax = 36_000 }: Lives,
): Script {
  const made = { token: 0, lease: 0 };
  const since = { token: host.now(), lease: host.now() };
  const left = (kind: 'token' | 'lease', life: number, max: number) =>
    Math.max(0, Math.min(life, Math.floor(max - (host.now() - since[kind]) / 1000)));
  return (call) => {
    if (call.startsWith('login')) {
      since.token = host.now();
      made.token += 1;
      return login(`token-${made.token}`, token);
    }
    if (call === 'renew-self') return { ttlSeconds: left('token', token, tokenMax), renewable: true };
    if (call === 'lookup-self') return { ttlSeconds: token, renewable: true };
    if (call.startsWith('renew ')) {
      return { id: call.slice(6), seconds: left('lease', lease, leaseMax), renewable: true };
    }
    if (call.includes('database/')) {
      since.lease = host.now();
      made.lease += 1;
      return secret(
        { word: `db-${made.lease}` },
        { id: `db/${made.lease}`, seconds: lease, renewable: true },
      );
    }
    if (call === 'revoke-self') return {};
    return secret({ word: 'kv-1' });
  };
}

interface Sidecar {
  readonly host: TestHost;
  readonly vault: ScriptedVault;
  readonly code: number;
  /** What the sidecar asked, and when, in seconds from its start. */
  readonly asked: readonly string[];
}

/** Init, and then the sidecar for so many seconds. `change` answers in the place of Vault, or not. */
async function sidecar(
  seconds: number,
  lives: Lives,
  change: (call: string, at: number, host: TestHost) => ReturnType<Script> | undefined = () => undefined,
  wanted: AgentConfig = config,
): Promise<Sidecar> {
  const host = await testHost(wanted);
  hosts.push(host);
  const script = vaultOf(host, lives);
  expect(await runInit(host, () => scriptedVault(script))).toBe(0);
  const start = host.now();
  const asked: string[] = [];
  const vault = scriptedVault((call, count) => {
    const at = (host.now() - start) / 1000;
    // What it asks when it is stopped is another matter.
    if (!host.stop.signal.aborted) asked.push(`${Math.round(at)} ${call}`);
    return change(call, at, host) ?? script(call, count);
  });
  host.stopAfter(seconds);
  const code = await runSidecar(host, () => vault);
  expect([...host.printed, ...host.reported].join('\n')).not.toMatch(/token-\d|kv-1|db-\d|eyJ/);
  expect(jwt).toMatch(/^eyJ/);
  return { host, vault, code, asked };
}

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

describe('the sidecar without Vault', () => {
  it.each<[string, ReturnType<Script>]>([
    ['is away', away],
    ['is sealed', sealed],
    ['redirects', redirect],
    ['refuses everything', refused],
  ])('does not end when it %s, keeps the files, and goes on when it is back', async (_, answer) => {
    const down = await sidecar(1800, { token: 60, lease: 60 }, () => answer);
    expect(down.code).toBe(0);
    expect(await file(down.host, 'db')).toBe('db-1');
    expect(await file(down.host, 'kv')).toBe('kv-1');
    // 30 s at most between two tries of one thing, drawn in full: 15 s in the mean.
    expect(down.asked.length).toBeLessThan((1800 / 15) * 9);

    const back = await sidecar(1800, { token: 60, lease: 60 }, (__, at) => (at < 1000 ? answer : undefined));
    expect(await file(back.host, 'token')).toBe('token-2');
    expect(await file(back.host, 'db')).toBe('db-2');
  });

  it('waits as long as it is asked to, with everything', async () => {
    const { asked } = await sidecar(240, { token: 300, lease: 310 }, (call, at) =>
      call === 'renew-self' && at < 195 ? busy : undefined,
    );
    expect(asked.filter(not('secret/kv'))).toEqual(['190 renew-self', '230 renew-self', '230 renew db/1']);
  });

  it('lets no secret that is refused for ever keep the others waiting', async () => {
    const { asked } = await sidecar(400, { lease: 60 }, (call) =>
      call === 'read secret/kv' ? refused : undefined,
    );
    const renewals = asked.filter((line) => line.includes('renew db'));
    expect(renewals).toHaveLength(Math.floor(400 / 38));
  });

  it('keeps all files when a new value lacks a field, and swaps when it is there again', async () => {
    const { host } = await sidecar(300, {}, (call, at) => {
      if (call !== 'read secret/kv') return undefined;
      return secret(at < 250 ? { other: 'x' } : { word: 'mended' });
    });
    expect(host.printed.join()).toContain("countersign.dev/file.kv: vault's answer has no field kv.word");
    expect(host.notified).toHaveLength(1);
    expect(await file(host, 'kv')).toBe('mended');
  });

  it('goes on when the files can not be written, and writes them later', async () => {
    let broken = true;
    const { host } = await sidecar(200, {}, (call, at, { places }) => {
      if (call !== 'read secret/kv') return undefined;
      if (broken) void rm(places.envDir, { recursive: true }).catch(() => undefined);
      broken = false;
      return secret({ word: at < 100 ? 'newer' : 'newest' });
    });
    expect(host.printed.join()).toContain("can't write into");
    expect(await file(host, 'kv')).toBe('kv-1');
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
