import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, goodToken, type NonsenseVault, startNonsenseVault } from '../../support/nonsense.ts';

const login = 'vault answered to the login at auth/kubernetes as role shop_api';
const read = 'vault answered to read secret/db';
const megabytes = 1024 * 1024;
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const logged = (fields: string) => `{"auth":{"client_token":"hvs.nonsense",${fields}}}`;
const leased = (fields: string) => `{"data":{"word":"nonsense"},${fields}}`;

type Row = readonly [name: string, body: string | Buffer, cause: string];

/** Of an answer to any call. */
const bodies: readonly Row[] = [
  ['nothing', '', ' with something that is not JSON'],
  ['a page of HTML', '<!doctype html><title>Sign in</title>', ' with something that is not JSON'],
  ['half of an object', '{"auth":{"client_token":"hvs.nonsense"', ' with something that is not JSON'],
  ['two objects', '{}{}', ' with something that is not JSON'],
  [
    'an object behind a byte order mark',
    '\ufeff{"data":{"word":"nonsense"}}',
    ' with something that is not JSON',
  ],
  ['a number that JSON does not have', '{"lease_duration":NaN}', ' with something that is not JSON'],
  ['null', 'null', ' with something that is not JSON'],
  ['text', '"hvs.nonsense"', ' with something that is not JSON'],
  ['a list', '[{"data":{"word":"nonsense"}}]', ' with something that is not JSON'],
  ['lists in lists, a million deep', nested(1_000_000), ' with something that is not JSON'],
];

const logins: readonly Row[] = [
  ...[
    '{}',
    '{"auth":null}',
    '{"auth":[]}',
    '{"auth":"x"}',
    '{"auth":{}}',
    '{"data":{"client_token":"hvs.x"}}',
    `{"auth":${nested(10_000)}}`,
  ].map((body): Row => [`no token but ${body.slice(0, 40)}`, body, ' without a usable auth.client_token']),
  ...[
    '""',
    'null',
    '7',
    '["hvs.x"]',
    '{}',
    '"hvs.a\\nb"',
    '"hvs.a\\r\\nX-Evil: 1"',
    '"hvs.a b"',
    '"hvs.\\u0000"',
    '"hvs.ü"',
    `"${'h'.repeat(20_000)}"`,
  ].map(
    (token): Row => [
      `the token ${token.slice(0, 30)}`,
      `{"auth":{"client_token":${token},"lease_duration":60}}`,
      ' without a usable auth.client_token',
    ],
  ),
  ...['-1', '1.5', '1e308', '1e999', '"60"', 'null', 'true', '[60]', '{}', '9007199254740992'].map(
    (seconds): Row => [
      `the life ${seconds}`,
      logged(`"lease_duration":${seconds}`),
      ' without a usable lease_duration',
    ],
  ),
  ['a token without a life', logged('"renewable":true'), ' without a usable lease_duration'],
];

const reads: readonly Row[] = [
  ...['[]', '"x"', '7', 'true', '[{"word":"nonsense"}]'].map(
    (data): Row => [`the data ${data}`, `{"data":${data}}`, ' without a usable data'],
  ),
  ...['-1', '1.5', '1e308', '1e999', '"60"', 'null', '9007199254740992'].map(
    (seconds): Row => [
      `a lease of ${seconds} s`,
      leased(`"lease_id":"a","lease_duration":${seconds}`),
      ' without a usable lease_duration',
    ],
  ),
  ...['7', '[]', '{}', 'true'].map(
    (id): Row => [`the lease ${id}`, leased(`"lease_id":${id}`), ' without a usable lease_id'],
  ),
];

/** What is JSON of the right shape, and still nothing to write. */
const contents: readonly (readonly [name: string, body: string, code: number, cause: string])[] = [
  ['no data', '{}', 13, 'countersign.dev/credential.db: secret/db: vault has nothing there'],
  ['null data', '{"data":null}', 13, 'countersign.dev/credential.db: secret/db: vault has nothing there'],
  ['no field', '{"data":{}}', 13, 'countersign.dev/credential.db: secret/db: the secret has no field'],
  [
    'other fields',
    '{"data":{"other":1}}',
    14,
    "countersign.dev/env.WORD: vault's answer has no field db.word",
  ],
  [
    'a field that is null',
    '{"data":{"word":null}}',
    14,
    "countersign.dev/env.WORD: vault's answer has no field db.word",
  ],
  [
    'fields only of every object',
    '{"data":{"__proto__":{"word":"nonsense"}}}',
    14,
    "countersign.dev/env.WORD: vault's answer has no field db.word",
  ],
  [
    'a number that no double holds',
    '{"data":{"word":12345678901234567890}}',
    14,
    'countersign.dev/credential.db: secret/db: a field holds a number too large to be exact: store it as text',
  ],
  [
    'half of a character',
    '{"data":{"word":"\\ud800"}}',
    14,
    'countersign.dev/credential.db: secret/db: a field holds text that is not Unicode',
  ],
  [
    'lists in lists',
    `{"data":{"word":${nested(10_000)}}}`,
    14,
    'countersign.dev/credential.db: secret/db: its fields are nested deeper than 64',
  ],
];

let vault: NonsenseVault;

beforeAll(async () => {
  vault = await startNonsenseVault();
});
afterAll(() => vault?.stop());

async function refused(call: Call, body: string | Buffer, code: number, said: string): Promise<void> {
  const { code: ended, reported, written, token, printed } = await vault.run(call, body);

  expect(ended).toBe(code);
  expect(reported.map((line) => line.replace(/after \d s/, 'after N s'))).toEqual([
    `countersign gave up after N s: ${said}`,
  ]);
  expect(reported[0]).not.toMatch(/\n|nonsense/);
  expect(printed).not.toContain('nonsense');
  expect(written).toEqual([]);
  // A good one is kept for the next run, but for a credential that was refused.
  expect([undefined, goodToken]).toContain(token);
}

describe('a Vault that answers a login with 200 and', () => {
  it.each([...bodies, ...logins])('%s is said to, by the annotation of the role', async (_, body, cause) => {
    await refused('login', body, 12, `countersign.dev/vault-role: ${login}${cause}`);
  });
});

describe('a Vault that answers a secret with 200 and', () => {
  it.each([...bodies, ...reads])('%s is said to, by its annotation', async (_, body, cause) => {
    await refused('read', body, 12, `countersign.dev/credential.db: ${read}${cause}`);
  });

  it.each(bodies)('%s to what is written for is said to, by its annotation', async (_, body, cause) => {
    await refused(
      'write',
      body,
      12,
      `countersign.dev/credential.tls: vault answered to write pki/issue/x${cause}`,
    );
  });

  it.each(contents)('%s has nothing to be written', async (_, body, code, cause) => {
    await refused('read', body, code, cause);
  });
});

describe('a Vault that answers a signed token with 200 and', () => {
  const where = 'countersign.dev/identity.id.jwt';

  it.each(bodies)('%s is said to, by its annotation', async (_, body, cause) => {
    await refused('identity', body, 12, `${where}: vault answered to read identity/oidc/token/shop${cause}`);
  });

  it.each(bodies)('%s for its keys is said to, by its annotation', async (_, body, cause) => {
    await refused(
      'keys',
      body,
      12,
      `${where}: vault answered to read identity/oidc/.well-known/keys${cause}`,
    );
  });

  it.each(['7', 'null', '[]', '{}'])('%s in its place is said to have none', async (token) => {
    await refused(
      'identity',
      `{"data":{"token":${token}}}`,
      13,
      `${where}: identity/oidc/token/shop: vault has no token there`,
    );
  });

  it.each(['{}', '{"keys":7}', '{"keys":[7]}', '{"keys":[null]}', `{"keys":${nested(10_000)}}`])(
    '%s for its keys has verified nothing',
    async (body) => {
      const { code, reported, written } = await vault.run('keys', body);

      expect(code).toBe(14);
      expect(reported).toEqual([
        expect.stringMatching(
          /^countersign gave up after \d s: countersign\.dev\/identity\.id\.jwt: the token of role shop was not verified by vault's keys \([\w ]+\)$/,
        ),
      ]);
      expect(written).toEqual([]);
    },
  );
});

describe('an answer of 8 MiB', () => {
  it.each<[Call, string]>([
    ['login', 'countersign.dev/vault-role'],
    ['read', 'countersign.dev/credential.db'],
    ['write', 'countersign.dev/credential.tls'],
    ['identity', 'countersign.dev/identity.id.jwt'],
    ['keys', 'countersign.dev/identity.id.jwt'],
  ])('to the call %s is not read to its end', async (call, where) => {
    const body = `{"data":{"word":"${'x'.repeat(8 * megabytes)}"}}`;
    await refused(call, body, 12, `${where}: vault answered with more than ${4 * megabytes} bytes`);
  });

  it('that is not UTF-8 is no answer either', async () => {
    const body = Buffer.from([0x7b, 0xff, 0x7d]);
    await refused(
      'read',
      body,
      12,
      'countersign.dev/credential.db: vault answered with bytes that are not UTF-8',
    );
  });
});
