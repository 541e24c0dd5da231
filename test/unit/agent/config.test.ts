import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/agent/config.ts';
import { agentConfig, credential } from '../../support/agent.ts';

function problemsOf(value: unknown): readonly string[] {
  const reading = readConfig(typeof value === 'string' ? value : JSON.stringify(value));
  return 'problems' in reading ? reading.problems : [];
}

describe('what is read of the issuance', () => {
  const issuance = {
    kind: 'wrapped',
    creationPath: 'auth/token/create/wrapped_shop_api',
    expiresAtSeconds: 1_796_000_120,
    fallback: 'none',
  } as const;

  it('is what the webhook writes', () => {
    const config = agentConfig({ issuance });

    expect(readConfig(JSON.stringify(config))).toEqual({ config });
  });

  it.each<[string, unknown, readonly string[]]>([
    [
      'nothing of an object',
      'x',
      [
        'issuance: expected an object',
        'issuance.kind: expected wrapped',
        'issuance.creationPath: expected text',
        'issuance.expiresAtSeconds: expected whole seconds since 1970',
        'issuance.fallback: expected login or none',
      ],
    ],
    ['another kind', { ...issuance, kind: 'login' }, ['issuance.kind: expected wrapped']],
    [
      'a path that is none',
      { ...issuance, creationPath: 'auth/../x' },
      ['issuance.creationPath: expected a Vault path without . and .. segments'],
    ],
    [
      'a time that is none',
      { ...issuance, expiresAtSeconds: 1.5 },
      ['issuance.expiresAtSeconds: expected whole seconds since 1970'],
    ],
    ['another fallback', { ...issuance, fallback: 'x' }, ['issuance.fallback: expected login or none']],
    ['more than is known', { ...issuance, more: 1 }, ['issuance.more: unknown key']],
  ])('may not be %s', (_, wrong, problems) => {
    expect(problemsOf({ ...agentConfig(), issuance: wrong })).toEqual(problems);
  });
});

describe('readConfig', () => {
  it('reads what the webhook writes', () => {
    const config = agentConfig({
      vault: {
        address: 'https://vault:8200',
        namespace: 'team',
        authMount: 'k8s/eu',
        authMethod: 'jwt',
        role: 'shop_api',
        tlsServerName: 'vault.example',
      },
      credentials: [
        credential('db', { kv2: true, refreshSeconds: 60 }),
        credential('tls', { operation: 'write', parameters: { common_name: 'api' } }),
      ],
      files: [
        { file: 'db.json', content: { kind: 'all', credential: 'db' } },
        { file: 'key.pem', content: { kind: 'field', credential: 'tls', field: 'private_key' } },
        {
          file: 'app.conf',
          content: {
            kind: 'template',
            template: [{ text: 'p=' }, { credential: 'db', field: 'p', filters: ['json', 'url', 'base64'] }],
          },
        },
      ],
      env: [
        { variable: 'DB_USER', value: { kind: 'field', credential: 'db', field: 'u', base64: false } },
        { variable: 'KEY', value: { kind: 'field', credential: 'tls', field: 'private_key', base64: true } },
        { variable: 'VAULT_TOKEN', value: { kind: 'token' } },
      ],
      identities: [
        { file: 'id.jwt', role: 'shop', audience: 'billing', scopes: ['read', 'write'] },
        { file: 'other.jwt', role: 'shop', scopes: [] },
      ],
      token: true,
      sidecar: true,
      notify: 'http://127.0.0.1:9000/-/reload',
      rotate: 'restart',
    });

    expect(readConfig(JSON.stringify(config))).toEqual({ config });
  });

  it.each(['', 'null', '[]', '"x"', '{', '7'])('refuses %j', (text) => {
    expect(problemsOf(text)).toEqual(['expected the configuration as a JSON object']);
  });

  it('refuses a missing variable', () => {
    expect(readConfig(undefined)).toEqual({ problems: ['expected the configuration as a JSON object'] });
  });

  it.each([0, 2, '1', null])('refuses version %j and says no more of it', (version) => {
    expect(problemsOf({ version })).toEqual(['version: expected 1; this agent is of another release']);
  });

  it('names every problem at once', () => {
    const problems = problemsOf({
      version: 1,
      vault: { address: 'vault', authMount: '../sys', authMethod: 'oidc', extra: 1 },
      credentials: [
        { name: 'DB', operation: 'list', path: '/x', parameters: { a: 1 }, refreshSeconds: 0 },
        7,
      ],
      files: [
        { file: '../x', content: { kind: 'all', credential: 'nobody' } },
        {
          file: 'a',
          content: { kind: 'template', template: [{ credential: 'x', field: '', filters: ['sh'] }] },
        },
      ],
      env: [
        { variable: 'A=B', value: { kind: 'secret', credential: 'nobody', field: 'x' } },
        { variable: 'OK', value: { kind: 'token', extra: 1 } },
      ],
      identities: [
        { file: 'a/b', role: 'x/y', audience: '', scopes: [1] },
        { file: 'c', role: '..' },
      ],
      notify: 'https://example.com/',
      rotate: 'always',
      sidecar: 'yes',
      more: true,
    });

    expect(problems).toEqual([
      'more: unknown key',
      'vault.extra: unknown key',
      'vault.authMethod: expected kubernetes or jwt',
      'vault.role: expected text',
      'vault.address: expected https://host[:port] with nothing behind it',
      'vault.authMount: expected a Vault path without . and .. segments',
      'credentials[0].name: expected a-z, 0-9 and -, at most 40 characters',
      'credentials[0].operation: expected read or write',
      'credentials[0].parameters: expected an object of texts',
      'credentials[0].path: expected a Vault path without empty segments, such as secret/data/db',
      'credentials[0].kv2: expected true or false',
      'credentials[0].refreshSeconds: expected whole seconds, 1 or more',
      'credentials[1]: expected an object',
      'credentials[1].name: expected text',
      'credentials[1].name: expected a-z, 0-9 and -, at most 40 characters',
      'credentials[1].operation: expected read or write',
      'credentials[1].parameters: expected an object of texts',
      'credentials[1].path: expected text',
      'credentials[1].kv2: expected true or false',
      'files[0].file: expected a file name of letters, digits, ., _ and -',
      'files[1].content.template[0].filters: expected filters that this agent knows',
      'files[1].content.template[0].field: expected text',
      'env[0].variable: expected the name of a variable',
      'env[0].value.kind: expected field or token',
      'env[0].value.base64: expected true or false',
      'env[1].value.extra: unknown key',
      'identities[0].file: expected a file name of letters, digits, ., _ and -',
      'identities[0].role: expected the name of a role',
      'identities[0].scopes: expected texts',
      'identities[0].audience: expected text',
      'identities[1].role: expected the name of a role',
      'identities[1].scopes: expected a list',
      'token: expected true or false',
      'sidecar: expected true or false',
      'notify: expected http:// and the address of the pod itself: localhost, 127.0.0.1 or [::1]',
      'rotate: expected restart or none',
      'files[0].content: there is no credential nobody',
      'files[1].content: there is no credential x',
      'env[0].value: there is no credential nobody',
    ]);
  });

  it.each(['..data', '..', '.', 'a/b', 'a\nb', '', 'ü', 'x'.repeat(254)])(
    'refuses the file name %j',
    (file) => {
      const content = { kind: 'all', credential: 'db' };
      expect(problemsOf({ ...agentConfig(), files: [{ file, content }] }).join()).toContain('files[0].file');
    },
  );

  it.each(['.env', 'db.json', 'a..b', 'TLS_key-1.pem'])('takes the file name %j', (file) => {
    const content = { kind: 'all', credential: 'db' };
    expect(problemsOf({ ...agentConfig(), files: [{ file, content }] })).toEqual([]);
  });

  it('refuses two of a name, and a file where the token goes', () => {
    const file = { file: 'token', content: { kind: 'all', credential: 'db' } };
    const config = {
      ...agentConfig(),
      credentials: [credential('db'), credential('db')],
      files: [file],
      identities: [{ file: 'token', role: 'shop', scopes: [] }],
      env: [
        { variable: 'A', value: { kind: 'token' } },
        { variable: 'A', value: { kind: 'token' } },
      ],
      token: true,
    };
    expect(problemsOf(config)).toEqual([
      'credentials: db is there twice',
      'files: token is there twice',
      'env: A is there twice',
    ]);
  });

  it('keeps parameters apart from the prototype of objects', () => {
    const text = JSON.stringify(
      agentConfig({ credentials: [credential('db', { operation: 'write' })] }),
    ).replace('"parameters":{}', '"parameters":{"__proto__":"x"}');

    const reading = readConfig(text);

    const parameters = 'config' in reading ? reading.config.credentials[0]?.parameters : undefined;
    expect(JSON.stringify(parameters)).toBe('{"__proto__":"x"}');
  });
});
