import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runInit } from '../../../src/agent/run.ts';
import { CountersignError } from '../../../src/core/errors.ts';
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

const lease = { id: 'database/creds/x/1', seconds: 600, renewable: true };
const refused = failing('ERR_VAULT_REFUSED', 'vault answered 403: permission denied');
const away = failing('ERR_VAULT_UNREACHABLE', 'vault at https://vault:8200: connect ECONNREFUSED');
const secrets = ['token-1', 'token-2', 'pass-word', 'leased-word', jwt];

const hosts: TestHost[] = [];

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.remove();
});

async function newHost(config: unknown = agentConfig()): Promise<TestHost> {
  const host = await testHost(config);
  hosts.push(host);
  return host;
}

/** A Vault that works: each login gives another token. */
function working(call: string, count: number): object {
  if (call.startsWith('login')) return login(`token-${count + 1}`);
  if (call === 'lookup-self') return { ttlSeconds: 3000, renewable: true };
  if (call.includes('database/')) return secret({ word: 'leased-word' }, lease);
  return secret({ word: 'pass-word' });
}

async function run(
  host: TestHost,
  script: Script = working,
): Promise<{ code: number; vault: ScriptedVault }> {
  const vault = scriptedVault(script);
  const code = await runInit(host, () => vault);
  const said = [...host.printed, ...host.reported].join('\n');
  for (const value of secrets) expect(said).not.toContain(value);
  return { code, vault };
}

function file(host: TestHost, name: string): Promise<string> {
  return readFile(join(host.places.filesDir, name), 'utf8');
}

const leasedAndPlain: AgentConfig = agentConfig({
  credentials: [credential('db', { path: 'database/creds/x' }), credential('kv')],
  files: [
    { file: 'db', content: { kind: 'field', credential: 'db', field: 'word' } },
    { file: 'kv', content: { kind: 'field', credential: 'kv', field: 'word' } },
  ],
  token: true,
});

describe('the first run', () => {
  it('logs in once, fetches everything and puts it in place', async () => {
    const host = await newHost(leasedAndPlain);

    const { code, vault } = await run(host);

    expect(code).toBe(0);
    expect(vault.calls).toEqual(['login kubernetes shop_api', 'read database/creds/x', 'read secret/kv']);
    expect(vault.tokens).toEqual([undefined, 'token-1', 'token-1']);
    expect(vault.closed()).toBe(true);
    expect(await file(host, 'db')).toBe('leased-word');
    expect(await file(host, 'kv')).toBe('pass-word');
    expect(await file(host, 'token')).toBe('token-1');
    expect(host.reported).toEqual([]);
  });

  it('of a pod that wants variables only needs no place for files', async () => {
    const value = { kind: 'field', credential: 'db', field: 'word', base64: false } as const;
    const host = await newHost(agentConfig({ files: [], env: [{ variable: 'WORD', value }] }));
    await rm(host.places.filesDir, { recursive: true });

    expect((await run(host)).code).toBe(0);
    expect((await run(host)).code).toBe(0);

    expect(await readFile(join(host.places.envDir, 'env'), 'utf8')).toBe("WORD='pass-word'\n");
    expect(host.printed.filter((line) => line.includes('in place'))).toHaveLength(1);
  });

  it('writes neither file nor variable when the other can not be written', async () => {
    const value = { kind: 'field', credential: 'db', field: 'word', base64: false } as const;
    for (const missing of ['envDir', 'filesDir'] as const) {
      const host = await newHost(agentConfig({ env: [{ variable: 'WORD', value }] }));
      await rm(host.places[missing], { recursive: true });

      expect((await run(host)).code).toBe(15);

      const other = missing === 'envDir' ? 'filesDir' : 'envDir';
      expect(await readdir(host.places[other])).toEqual([]);
    }
  });

  it('waits for a Vault that comes up later than the pod', async () => {
    const host = await newHost();

    const { code, vault } = await run(host, (call, count) => (count < 2 ? away : working(call, count)));

    expect(code).toBe(0);
    expect(vault.calls.filter((call) => call.startsWith('login'))).toHaveLength(3);
    expect(host.printed.filter((line) => line.includes('trying again'))).toHaveLength(4);
  });

  it('asks again only for what it did not get', async () => {
    const host = await newHost(leasedAndPlain);
    const { vault } = await run(host, (call, count) =>
      call === 'read secret/kv' && count === 0 ? away : working(call, count),
    );

    expect(vault.calls.filter((call) => call === 'read database/creds/x')).toHaveLength(1);
    expect(vault.calls.filter((call) => call === 'read secret/kv')).toHaveLength(2);
  });
});

describe('giving up', () => {
  it.each<[string, number, Script, string]>([
    [
      'the login is refused',
      11,
      () => refused,
      'countersign.dev/vault-role: vault answered 403: permission denied',
    ],
    [
      'Vault is away',
      12,
      () => away,
      'countersign.dev/vault-role: vault at https://vault:8200: connect ECONNREFUSED',
    ],
    [
      'a credential is refused',
      13,
      (call, count) => (call.startsWith('read') ? refused : working(call, count)),
      'countersign.dev/credential.db: vault answered 403: permission denied',
    ],
    [
      'a credential is absent',
      13,
      (call, count) => (call.startsWith('read') ? { data: undefined, warnings: [] } : working(call, count)),
      'countersign.dev/credential.db: secret/db: vault has nothing there',
    ],
    [
      'Vault goes away after the login',
      12,
      (call, count) => (call.startsWith('read') ? away : working(call, count)),
      'countersign.dev/credential.db: vault at https://vault:8200: connect ECONNREFUSED',
    ],
  ])('when %s ends with code %i and one line of cause', async (_, code, script, cause) => {
    const host = await newHost();

    expect((await run(host, script)).code).toBe(code);

    expect(host.reported).toEqual([expect.stringMatching(/^countersign gave up after \d+ s: /)]);
    expect(host.reported[0]).toContain(cause);
    expect(await readdir(host.places.filesDir)).toEqual([]);
  });

  it('names every file that lacks a field, and does not wait', async () => {
    const content = { kind: 'field', credential: 'db', field: 'x' } as const;
    const files = ['a', 'b'].map((name) => ({ file: name, content }));
    const host = await newHost(agentConfig({ files }));

    expect((await run(host)).code).toBe(14);

    // No longer than so that a thousand pods do not log in at once.
    expect(host.slept).toEqual([250]);
    expect(host.reported[0]).toBe(
      "countersign gave up after 0 s: countersign.dev/file.a: vault's answer has no field db.x; " +
        "countersign.dev/file.b: vault's answer has no field db.x",
    );
  });

  it('names every credential that failed, and counts a no before silence', async () => {
    const host = await newHost(leasedAndPlain);

    const { code } = await run(host, (call, count) => {
      if (call === 'read secret/kv') return refused;
      return call.startsWith('read') ? away : working(call, count);
    });

    expect(code).toBe(13);
    expect(host.reported[0]).toContain('countersign.dev/credential.db: vault at');
    expect(host.reported[0]).toContain('countersign.dev/credential.kv: vault answered 403');
  });

  it('with a configuration that can not be read names all of it and asks nobody', async () => {
    const host = await newHost({ ...agentConfig(), token: 'yes', credentials: {} });
    host.env['COUNTERSIGN_GIVE_UP_SECONDS'] = 'soon';

    const { code, vault } = await run(host);

    expect(code).toBe(10);
    expect(vault.calls).toEqual([]);
    expect(host.reported).toEqual([
      'countersign gave up after 0 s: COUNTERSIGN_AGENT_CONFIG: credentials: expected a list; ' +
        'COUNTERSIGN_AGENT_CONFIG: token: expected true or false; ' +
        'COUNTERSIGN_AGENT_CONFIG: files[0].content: there is no credential db; ' +
        'COUNTERSIGN_GIVE_UP_SECONDS: expected seconds from 1 to 9999',
    ]);
  });

  it.each(['', 'no-jwt', 'a.b', 'a.b.c\nX: y'])(
    'with the service-account token %j asks nobody',
    async (token) => {
      const host = await newHost();
      await writeFile(host.places.tokenFile, token);

      const { code, vault } = await run(host);

      expect(code).toBe(10);
      expect(vault.calls).toEqual([]);
      expect(host.reported[0]).toContain(`expected a service-account token in ${host.places.tokenFile}`);
    },
  );

  it('when the connection can not be used ends with code 10', async () => {
    const host = await newHost();
    const code = await runInit(host, () => {
      throw new CountersignError('ERR_CONFIG', 'vault connection: no');
    });
    expect(code).toBe(10);
    expect(host.reported[0]).toContain('vault connection: no');
  });

  it.each(['filesDir', 'stateDir'] as const)(
    'when %s can not be written ends with code 15',
    async (place) => {
      const host = await newHost();
      await rm(host.places[place], { recursive: true });

      const { code } = await run(host);

      expect(code).toBe(15);
      expect(host.reported[0]).toContain(`can't write into ${host.places[place]}: ENOENT`);
    },
  );

  it('is as patient as it is told to be', async () => {
    const host = await newHost();
    host.env['COUNTERSIGN_GIVE_UP_SECONDS'] = '2';

    await run(host, () => away);

    expect(host.slept.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(2000);
  });

  it('keeps the line short enough for a termination message, and on one line', async () => {
    const host = await newHost();

    await run(host, () => failing('ERR_VAULT_REFUSED', `a\nb${'x'.repeat(5000)}`));

    expect(host.reported[0]?.length).toBeLessThanOrEqual(2048);
    expect(host.reported[0]).not.toContain('\n');
  });

  it('because of a refused credential keeps no token that would never see a mended role', async () => {
    const host = await newHost();

    const first = await run(host, (call, count) =>
      call.startsWith('read') ? refused : working(call, count),
    );
    const second = await run(host);

    expect(first.vault.calls.at(-1)).toBe('revoke-self');
    expect(second.code).toBe(0);
    expect(second.vault.calls[0]).toBe('login kubernetes shop_api');
  });

  it('because Vault went away keeps the token and the leases for the next run', async () => {
    const host = await newHost(leasedAndPlain);

    await run(host, (call, count) => (call === 'read secret/kv' ? away : working(call, count)));
    const second = await run(host);

    expect(second.code).toBe(0);
    expect(second.vault.calls).toEqual(['lookup-self', 'read secret/kv']);
    expect(await file(host, 'db')).toBe('leased-word');
  });
});

describe('a later run', () => {
  it('neither logs in again nor takes out a second lease, and reads the rest afresh', async () => {
    const host = await newHost(leasedAndPlain);
    await run(host);

    const { code, vault } = await run(host, (call, count) =>
      call === 'read secret/kv' ? secret({ word: 'newer' }) : working(call, count),
    );

    expect(code).toBe(0);
    expect(vault.calls).toEqual(['lookup-self', 'read secret/kv']);
    expect(await file(host, 'kv')).toBe('newer');
    expect(await file(host, 'db')).toBe('leased-word');
    expect(await file(host, 'token')).toBe('token-1');
  });

  it('takes out a new lease where the old one ends soon', async () => {
    const host = await newHost(leasedAndPlain);
    await run(host);
    host.pass(590);

    const { vault } = await run(host);

    expect(vault.calls).toEqual(['lookup-self', 'read database/creds/x', 'read secret/kv']);
  });

  it.each<[string, number, Script]>([
    ['has ended', 3590, working],
    ['is refused', 0, (call, count) => (call === 'lookup-self' ? refused : working(call, count))],
    [
      'ends at once',
      0,
      (call, count) => (call === 'lookup-self' ? { ttlSeconds: 5, renewable: true } : working(call, count)),
    ],
  ])('logs in again when the token %s, and its leases with it', async (_, seconds, script) => {
    const host = await newHost(leasedAndPlain);
    await run(host);
    host.pass(seconds);

    const { code, vault } = await run(host, script);

    expect(code).toBe(0);
    expect(vault.calls.filter((call) => call !== 'lookup-self')).toEqual([
      'login kubernetes shop_api',
      'read database/creds/x',
      'read secret/kv',
    ]);
  });

  it('of another configuration starts afresh', async () => {
    const host = await newHost();
    await run(host);
    host.env['COUNTERSIGN_AGENT_CONFIG'] = JSON.stringify(leasedAndPlain);

    const { vault } = await run(host);

    expect(vault.calls[0]).toBe('login kubernetes shop_api');
  });

  it('lets the files stay when only Vault is away, and does not wait for minutes', async () => {
    const host = await newHost();
    await run(host);

    const { code } = await run(host, () => away);

    expect(code).toBe(0);
    expect(await file(host, 'db.json')).toBe('{"word":"pass-word"}');
    expect(host.slept.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(15_000);
    expect(host.printed.join()).toContain('what an earlier run got stays');
  });

  it('does not take a no for an absence', async () => {
    const host = await newHost();
    await run(host);

    const { code } = await run(host, () => refused);

    expect(code).toBe(11);
    expect(await file(host, 'db.json')).toBe('{"word":"pass-word"}');
  });

  it('without the files of the earlier one writes them from its state', async () => {
    const host = await newHost();
    await run(host);
    await rm(join(host.places.filesDir, '..data'));

    expect((await run(host, () => away)).code).toBe(0);
    expect(await file(host, 'db.json')).toBe('{"word":"pass-word"}');
  });

  it('without the state of the earlier one waits for Vault', async () => {
    const host = await newHost();
    await run(host);
    await rm(join(host.places.stateDir, 'state.json'));

    expect((await run(host, () => away)).code).toBe(12);
  });
});

describe('the container being stopped', () => {
  it('ends a run that waits, with the reason of the signal', async () => {
    const host = await newHost();
    const reason = new Error('stopped');

    const running = run(host, () => {
      host.stop.abort(reason);
      return away;
    });

    await expect(running).rejects.toBe(reason);
    expect(host.reported).toEqual([]);
  });
});
