import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runInit } from '../../../src/agent/run.ts';
import type { CountersignError } from '../../../src/core/errors.ts';
import { failing, scriptedVault, secret, type TestHost, testHost } from '../../support/agent.ts';
import { lifeConfig, sidecar, vaultOf } from '../../support/agent-life.ts';

const refused = failing('ERR_VAULT_REFUSED', 'vault answered 403: permission denied');
const away = failing('ERR_VAULT_UNREACHABLE', 'vault at https://vault:8200: connect ECONNREFUSED');
const busy = failing('ERR_VAULT_RATE_LIMITED', 'vault answered 429', 40);

const outages: readonly (readonly [string, CountersignError])[] = [
  ['is away', away],
  ['says nothing', failing('ERR_DEADLINE', 'vault at https://vault:8200: no answer within 10 s')],
  ['is sealed', failing('ERR_VAULT_SEALED', 'vault answered 503: Vault is sealed')],
  ['asks for 7 s of peace each time', failing('ERR_VAULT_RATE_LIMITED', 'vault answered 429', 7)],
  ['redirects', failing('ERR_VAULT_REDIRECT', 'vault answered 307')],
  ['refuses everything', refused],
  ['answers nonsense', failing('ERR_VAULT_PROTOCOL', 'vault answered with something that is not JSON')],
  ['shows another certificate', failing('ERR_TLS', 'vault at https://vault:8200: self-signed certificate')],
];

const downAt = 10;
const upAt = downAt + 300;
/** No wait of the agent's own is longer. */
const capSeconds = 30;
const nightSeconds = 6 * 3600;

const file = (host: TestHost, name: string) => readFile(join(host.places.filesDir, name), 'utf8');
const env = (host: TestHost) => readFile(join(host.places.envDir, 'env'), 'utf8');
const files = (host: TestHost) => Promise.all(['db', 'kv', 'token'].map((name) => file(host, name)));
const not = (word: string) => (line: string) => !line.includes(word);

/** When each kind of call was made, in seconds. */
function times(asked: readonly string[], word: string): readonly number[] {
  return asked.filter((line) => line.includes(word)).map((line) => Number.parseInt(line, 10));
}

describe.each(outages)('five minutes in which Vault %s', (_, answer) => {
  /** The token lasts two minutes and the lease one: both end while Vault is gone. */
  const lives = { token: 120, lease: 60 };
  const outage = (seconds: number, random = 0.5) =>
    sidecar(seconds, { ...lives, random }, (call, at) => {
      if (at >= downAt && at < upAt) return answer;
      return call === 'read secret/kv' ? secret({ word: 'newer' }) : undefined;
    });

  it('cost no file and no restart, and nobody is called', async () => {
    const { host, code } = await outage(upAt - 1);

    expect(code).toBe(0);
    expect(host.reported).toEqual([]);
    expect(host.notified).toEqual([]);
    expect(await files(host)).toEqual(['db-1', 'kv-1', 'token-1']);
    expect(await env(host)).toBe("WORD='kv-1'\n");
  });

  it.each([0.5, 0.999])(
    'are spent asking, never longer apart than half a minute (draw %d)',
    async (random) => {
      const { asked } = await outage(upAt - 1, random);
      // The token has a try of its own: its renewal while it lives, a login after that.
      const due = times(asked, 'self')
        .concat(times(asked, 'login'))
        .toSorted((a, b) => a - b);
      const gaps = due.slice(1).map((at, index) => at - (due[index] ?? 0));

      expect(Math.max(...gaps)).toBeLessThanOrEqual(capSeconds);
      expect(due.at(-1)).toBeGreaterThanOrEqual(upAt - capSeconds);
      // Not a storm either: three things, each with 15 s between two tries in the mean, and at most three calls a try.
      expect(asked.length).toBeLessThan(300 / 2);
    },
  );

  it('end with one login, what ended meanwhile fetched with it, and everything swapped at once', async () => {
    const { host, asked, code } = await outage(upAt + capSeconds);

    expect(code).toBe(0);
    expect(await files(host)).toEqual(['db-2', 'newer', 'token-2']);
    expect(await env(host)).toBe("WORD='newer'\n");
    expect(host.notified).toHaveLength(1);
    const later = asked.filter((line) => Number.parseInt(line, 10) >= upAt);
    expect(later.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'login kubernetes shop_api',
      'read database/creds/x',
      'read secret/kv',
    ]);
    expect(host.printed.filter((line) => line.includes('"logged in"'))).toHaveLength(2);
  });
});

describe('an outage of Vault', () => {
  it('that is short costs neither login nor lease: what lasts is renewed later', async () => {
    const { asked, host } = await sidecar(300, { token: 300, lease: 300 }, (_, at) =>
      at < 250 ? away : undefined,
    );
    expect(asked.join()).not.toContain('login');
    expect(asked.join()).not.toContain('read database/');
    expect(await files(host)).toEqual(['db-1', 'kv-1', 'token-1']);
  });

  it.each([
    ['is away', away],
    ['refuses everything', refused],
  ])('is outlasted for six hours, when it %s', async (_, answer) => {
    const { host, code, asked } = await sidecar(nightSeconds, { token: 60, lease: 60 }, () => answer);

    expect(code).toBe(0);
    expect(host.reported).toEqual([]);
    expect(await files(host)).toEqual(['db-1', 'kv-1', 'token-1']);
    // 15 s in the mean between two logins, and nothing else is asked without a token.
    expect(times(asked, 'login').at(-1)).toBeGreaterThan(nightSeconds - capSeconds);
    expect(times(asked, 'login').length).toBeLessThan(nightSeconds / 14);
  });

  it('of one secret keeps no other waiting', async () => {
    const { asked } = await sidecar(400, { lease: 60 }, (call) =>
      call === 'read secret/kv' ? refused : undefined,
    );
    expect(times(asked, 'renew db')).toHaveLength(Math.floor(400 / 38));
  });

  it('that asks to be left alone is left alone by everything', async () => {
    const { asked } = await sidecar(240, { token: 300, lease: 310 }, (call, at) =>
      call === 'renew-self' && at < 195 ? busy : undefined,
    );
    expect(asked.filter(not('secret/kv'))).toEqual(['190 renew-self', '230 renew-self', '230 renew db/1']);
  });

  it('does not keep back what is there already: writing files asks nothing of Vault', async () => {
    const { host } = await sidecar(97, { token: 300, lease: 150, leaseMax: 150 }, (call) => {
      if (call === 'renew db/1') return refused;
      return call === 'read secret/kv' ? busy : undefined;
    });
    // At 95 s the lease is replaced, and the value beside it is refused for 40 s.
    expect(await files(host)).toEqual(['db-2', 'kv-1', 'token-1']);
  });
});

describe('five minutes without Vault at the start of a pod', () => {
  it('are a failure of init after three, and a start like any other when kubelet tries again', async () => {
    const host = await testHost(lifeConfig);
    onTestFinished(() => host.remove());
    const startedAt = host.now();
    const script = vaultOf(host, {});
    const vault = scriptedVault((call, count) =>
      (host.now() - startedAt) / 1000 < 300 ? away : script(call, count),
    );

    expect(await runInit(host, () => vault)).toBe(12);

    expect(host.reported).toEqual([
      expect.stringMatching(
        /^countersign gave up after 1[67]\d s: countersign\.dev\/vault-role: vault at https:\/\/vault:8200: connect ECONNREFUSED$/,
      ),
    ]);
    expect(await readdir(host.places.filesDir)).toEqual([]);
    expect(await readdir(host.places.envDir)).toEqual([]);
    expect(await readdir(host.places.stateDir)).toEqual([]);

    expect(await runInit(host, () => vault)).toBe(0);

    expect(await files(host)).toEqual(['db-1', 'kv-1', 'token-1']);
    expect(vault.calls.slice(-4)).toEqual([
      'login kubernetes shop_api',
      'read database/creds/x',
      'read secret/kv',
      'read secret/once',
    ]);
    expect(host.reported).toHaveLength(1);
  });
});

describe('the files', () => {
  it('stay when a new value lacks a field, and are swapped when it is there again', async () => {
    const { host } = await sidecar(300, {}, (call, at) => {
      if (call !== 'read secret/kv') return undefined;
      return secret(at < 250 ? { other: 'x' } : { word: 'mended' });
    });
    expect(host.printed.join()).toContain("countersign.dev/file.kv: vault's answer has no field kv.word");
    expect(host.notified).toHaveLength(1);
    expect(await file(host, 'kv')).toBe('mended');
  });

  it('are written later when they can not be now', async () => {
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
