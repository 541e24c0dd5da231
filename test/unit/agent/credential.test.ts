import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchCredential } from '../../../src/agent/credential.ts';
import type { AgentCredential } from '../../../src/core/inject/agent-config.ts';
import {
  credential,
  failing,
  type Script,
  scriptedVault,
  secret,
  startMilliseconds,
  type TestHost,
  testHost,
} from '../../support/agent.ts';

const kv2 = credential('db', { path: 'secret/data/db', kv2: true });

describe('fetchCredential', () => {
  let host: TestHost;

  beforeEach(async () => {
    host = await testHost({});
  });
  afterEach(() => host.remove());

  function fetched(wanted: AgentCredential, script: Script) {
    return fetchCredential(host, scriptedVault(script), wanted, 'token');
  }

  async function failed(wanted: AgentCredential, answer: object): Promise<string> {
    const result = await fetched(wanted, () => answer);
    return 'failures' in result
      ? result.failures.map(({ kind, cause }) => `${kind}: ${cause}`).join()
      : 'fetched';
  }

  it('reads the fields of a secret', async () => {
    const value = {
      name: 'db',
      data: { a: 'b' },
      lease: undefined,
      expiresAt: undefined,
      dueAt: undefined,
    };
    await expect(fetched(credential('db'), () => secret({ a: 'b' }))).resolves.toEqual({ value });
  });

  it('reads the fields below a KV version 2 mount', async () => {
    const answer = secret({ data: { a: 'b' }, metadata: { version: 1 } });
    await expect(fetched(kv2, () => answer)).resolves.toMatchObject({ value: { data: { a: 'b' } } });
  });

  const lease = { id: 'l', seconds: 60, renewable: true };
  const write = credential('db', { operation: 'write' });
  const refreshed = credential('db', { refreshSeconds: 100 });
  const now = startMilliseconds / 1000;

  it.each<[string, AgentCredential, object, number | undefined, number | undefined]>([
    ['a lease', credential('db'), secret({ a: 'b' }, lease), 60, 38],
    ['a lease, whatever it is asked to read again', refreshed, secret({ a: 'b' }, lease), 60, 38],
    [
      'a lease without end',
      credential('db'),
      secret({ a: 'b' }, { ...lease, seconds: 0 }),
      undefined,
      undefined,
    ],
    ['a value that is read again', refreshed, secret({ a: 'b' }), undefined, 95],
    ['a certificate', write, secret({ expiration: now + 600 }), 600, 380],
    [
      'a certificate that is asked for more often',
      { ...write, refreshSeconds: 100 },
      secret({ expiration: now + 600 }),
      600,
      95,
    ],
    ['a certificate that has ended', write, secret({ expiration: now - 1 }), undefined, undefined],
    [
      'a field of that name elsewhere',
      credential('db'),
      secret({ expiration: now + 9 }),
      undefined,
      undefined,
    ],
    ['a static role', credential('db'), secret({ ttl: 40, rotation_period: 3600 }), undefined, 41.5],
    [
      'fields of those names in KV',
      kv2,
      secret({ data: { ttl: 40, rotation_period: 60 }, metadata: {} }),
      undefined,
      undefined,
    ],
  ])('knows how long %s lasts, and sees to it before', async (_, wanted, answer, expires, due) => {
    const result = await fetched(wanted, () => answer);

    const { expiresAt, dueAt } = 'value' in result ? result.value : { expiresAt: 0, dueAt: 0 };
    expect(expiresAt).toBe(expires === undefined ? undefined : now + expires);
    if (due === undefined) expect(dueAt).toBeUndefined();
    else expect(dueAt).toBeCloseTo(now + due, 5);
  });

  it('writes what it is told to', async () => {
    const vault = scriptedVault(() => secret({ certificate: 'c' }));
    const wanted = credential('tls', {
      operation: 'write',
      path: 'pki/issue/x',
      parameters: { common_name: 'api' },
    });

    await fetchCredential(host, vault, wanted, 'token');

    expect(vault.calls).toEqual(['write pki/issue/x {"common_name":"api"}']);
    expect(vault.tokens).toEqual(['token']);
  });

  it.each<[string, object, string]>([
    [
      'deleted',
      secret({ data: null, metadata: { version: 3, destroyed: false } }),
      'credential: secret/data/db: its version 3 is deleted',
    ],
    [
      'destroyed',
      secret({ data: null, metadata: { version: 3, destroyed: true } }),
      'credential: secret/data/db: its version 3 is destroyed',
    ],
    [
      'empty',
      secret({ data: {}, metadata: { version: 3 } }),
      'credential: secret/data/db: the secret has no field',
    ],
    [
      'of another mount',
      secret({ password: 'x' }),
      'credential: secret/data/db: the answer is not one of a KV version 2 mount',
    ],
    ['absent', { data: undefined, warnings: [] }, 'credential: secret/data/db: vault has nothing there'],
    [
      'at another path',
      { data: undefined, warnings: ['Invalid path\nfor'] },
      'credential: secret/data/db: vault has nothing there; vault says: Invalid path\\u000afor',
    ],
  ])('says that a secret is %s', async (_, answer, expected) => {
    await expect(failed(kv2, answer)).resolves.toBe(expected);
  });

  it('says that a plain secret is empty', async () => {
    await expect(failed(credential('db'), secret({}))).resolves.toBe(
      'credential: secret/db: the secret has no field',
    );
  });

  it.each<[string, string, string]>([
    [
      'a number that reading has changed',
      '{"a":[{"b":12345678901234567890}]}',
      'a number too large to be exact',
    ],
    ['a number beyond every double', '{"a":1e999}', 'a number too large to be exact'],
    ['text that UTF-8 can not carry', '{"a":"\\ud800"}', 'text that is not Unicode'],
    ['values without end', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`, 'nested deeper than 64'],
  ])('refuses %s', async (_, json, expected) => {
    const answer = await failed(credential('db'), secret(JSON.parse(json)));
    expect(answer).toContain('content: secret/db: ');
    expect(answer).toContain(expected);
  });

  it('keeps the words of a refusal', async () => {
    const error = failing('ERR_VAULT_REFUSED', 'vault answered 403 to read secret/db: permission denied');
    await expect(fetched(credential('db'), () => error)).resolves.toEqual({
      failures: [
        {
          kind: 'credential',
          where: 'countersign.dev/credential.db',
          cause: 'vault answered 403 to read secret/db: permission denied',
          retryable: false,
          retryAfterSeconds: undefined,
        },
      ],
    });
  });

  it('does not take a bug for a failure', async () => {
    const vault = {
      ...scriptedVault(() => ({})),
      read: () => Promise.reject(new TypeError('bug')),
    };
    await expect(fetchCredential(host, vault, credential('db'), 'token')).rejects.toThrow(TypeError);
  });
});
