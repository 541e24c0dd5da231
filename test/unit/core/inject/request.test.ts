import { describe, expect, it } from 'vitest';
import { parseInjection } from '../../../../src/core/inject/request.ts';
import { ASKS } from './fixtures.ts';

const P = 'countersign.dev/';

/** The smallest request, with these keys changed. */
function asking(changes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(changes).map(([key, value]) => [`${P}${key}`, value]);
  return { ...ASKS, ...Object.fromEntries(entries) };
}

function problemsOf(annotations: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  const { request, problems } = parseInjection(annotations);
  expect(request).toBeUndefined();
  return problems.map(({ field, message }) => [field.replace(P, ''), message]);
}

describe('a pod that does not ask', () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['has no annotations', {}],
    ['has those of others', { 'a.b/inject': 'true', inject: 'true' }],
    ['declares needs', { [`${P}needs`]: 'get pods', [`${P}break-glass`]: 'T-1' }],
    ['declines', { [`${P}inject`]: 'false' }],
    ['declines in spite of other keys, right or wrong', { ...asking({ inject: 'false', token: 'x' }) }],
    ['carries a record', { [`${P}injected`]: 'v1.x' }],
    ['has keys of the prototype', JSON.parse('{"__proto__": "x", "constructor": "y"}')],
  ])('%s', (_, annotations) => {
    expect(parseInjection(annotations)).toEqual({ request: undefined, problems: [] });
  });
});

it.each([' false ', 'false'])('a pod declines with %j, and with nothing else', (no) => {
  expect(parseInjection(asking({ inject: no }))).toEqual({ request: undefined, problems: [] });
  expect(parseInjection(asking({ vault: no })).request?.vault).toBe('false');
});

describe('a request', () => {
  it('has defaults', () => {
    expect(parseInjection(ASKS)).toEqual({
      problems: [],
      request: {
        issuance: 'policy',
        vault: 'default',
        role: undefined,
        credentials: [{ name: 'db', operation: 'read', path: 'secret/data/shop/db', parameters: {} }],
        files: [{ file: 'password', content: { kind: 'field', credential: 'db', field: 'password' } }],
        env: [],
        identities: [],
        token: 'none',
        fileContainers: undefined,
        selections: [],
        agent: 'auto',
        notify: undefined,
        rotate: 'none',
        order: 'auto',
      },
    });
  });

  it.each<[Readonly<Record<string, unknown>>, object]>([
    [asking({ inject: 'login' }), { issuance: 'login' }],
    [asking({ inject: 'wrapped' }), { issuance: 'wrapped' }],
    [asking({ vault: 'eu-1', 'vault-role': 'shop_api' }), { vault: 'eu-1', role: 'shop_api' }],
    [asking({ token: 'file' }), { token: 'file' }],
    [asking({ agent: 'init', order: 'first' }), { order: 'first' }],
    [asking({ agent: ' auto ' }), { order: 'auto' }],
    [asking({ containers: 'api, log' }), { fileContainers: new Set(['api', 'log']) }],
    [asking({ 'containers.db': 'api' }), { fileContainers: new Set(['api']) }],
    [asking({ containers: 'log', 'containers.db': 'api' }), { fileContainers: new Set(['api']) }],
    [
      asking({ containers: 'a,b', 'containers.db': 'b,a', token: 'file' }),
      { fileContainers: new Set(['b', 'a']) },
    ],
    [asking({ agent: 'sidecar' }), { agent: 'sidecar' }],
    [asking({ agent: 'init' }), { agent: 'init' }],
    [asking({ order: 'after:istio-proxy' }), { order: { after: 'istio-proxy' } }],
    [asking({ 'refresh.db': '1h30m' }), { credentials: [{ name: 'db', refreshSeconds: 5400 }] }],
    [asking({ 'refresh.db': '10s' }), { credentials: [{ refreshSeconds: 10 }] }],
    [asking({ 'refresh.db': '168h' }), { credentials: [{ refreshSeconds: 604_800 }] }],
    [asking({ notify: ' http://[::1]:8080/-/reload?x=1 ' }), { notify: 'http://[::1]:8080/-/reload?x=1' }],
    [asking({ rotate: 'none' }), { rotate: 'none' }],
    [asking({ 'env.DB': 'db.password', rotate: 'restart' }), { rotate: 'restart' }],
    [
      asking({ 'identity.jwt': 'shop aud=https://x.example scope=a,b,a' }),
      { identities: [{ file: 'jwt', role: 'shop', audience: 'https://x.example', scopes: ['a', 'b'] }] },
    ],
    [
      asking({ 'env.DB_PASS': 'db.password|base64', 'env.DB': 'db.a.b', 'containers.db': 'api' }),
      {
        env: [
          {
            field: `${P}env.DB`,
            variable: 'DB',
            value: { kind: 'field', credential: 'db', field: 'a.b', base64: false },
            containers: new Set(['api']),
          },
          { variable: 'DB_PASS', value: { field: 'password', base64: true } },
        ],
      },
    ],
    [
      { [`${P}inject`]: 'true', [`${P}token`]: 'env', [`${P}containers`]: 'api' },
      {
        token: 'env',
        env: [
          {
            field: `${P}token`,
            variable: 'VAULT_TOKEN',
            value: { kind: 'token' },
            containers: new Set(['api']),
          },
        ],
      },
    ],
    [{ [`${P}inject`]: 'true' }, { token: 'file', credentials: [], files: [] }],
    [
      { [`${P}inject`]: 'true', [`${P}containers`]: 'api' },
      { token: 'file', fileContainers: new Set(['api']) },
    ],
    [asking({ 'file.token': 'db' }), { token: 'none' }],
  ])('%j', (annotations, expected) => {
    const { request, problems } = parseInjection(annotations);

    expect(problems).toEqual([]);
    expect(request).toMatchObject(expected);
  });

  it('is sorted by name, however it was written', () => {
    const { request } = parseInjection(
      asking({ 'credential.a': 'x/y', 'file.z': 'a', 'file.b': 'db', 'file.A': 'db' }),
    );

    expect(request?.credentials.map(({ name }) => name)).toEqual(['a', 'db']);
    expect(request?.files.map(({ file }) => file)).toEqual(['A', 'b', 'password', 'z']);
  });
});

const VARIABLE = 'expected the name of a variable: letters, digits and "_", no digit first';
const SCOPES = 'expected scopes separated by commas, without white space, at most 50';
const URL_EXPECTED =
  'expected http://127.0.0.1[:port][/path], or [::1] or localhost as its host, at most 200 characters';
const OTHER_FILES =
  'all files of a pod go to the same containers, and other files go to others; ' +
  'name the same ones for all in countersign.dev/containers, or hand this credential over in countersign.dev/env.<VAR>';

function duration(found: string): string {
  return `expected a duration of 10s to 168h, as in 1h30m, found "${found}"`;
}

describe('a mistake', () => {
  it.each<[Readonly<Record<string, unknown>>, string, string]>([
    [{ inject: 'yes' }, 'inject', 'expected "true" or "login" or "wrapped" or "false", found "yes"'],
    [{ inject: 'True' }, 'inject', 'expected "true" or "login" or "wrapped" or "false", found "True"'],
    [{ inject: true }, 'inject', 'expected a string; put the value in quotes'],
    [
      { vault: 'a/b' },
      'vault',
      'expected the name of a connection (small letters, digits, "-"), found "a/b"',
    ],
    [{ vault: '' }, 'vault', 'expected the name of a connection (small letters, digits, "-"), found ""'],
    [
      { 'vault-role': '../x' },
      'vault-role',
      'expected the name of a Vault role (letters, digits, "_", "-", "."), found "../x"',
    ],
    [{ token: 'yes' }, 'token', 'expected "file" or "env" or "none", found "yes"'],
    [{ agent: 'both' }, 'agent', 'expected "auto" or "sidecar" or "init", found "both"'],
    [{ order: 'last' }, 'order', 'expected "auto", "first" or "after:<container>", found "last"'],
    [{ order: 'after:' }, 'order', 'expected "auto", "first" or "after:<container>", found "after:"'],
    [{ order: 'after:A' }, 'order', 'expected "auto", "first" or "after:<container>", found "after:A"'],
    [{ rotate: 'always', 'env.A': 'db.a' }, 'rotate', 'expected "none" or "restart", found "always"'],
    [
      { rotate: 'restart' },
      'rotate',
      'only variables need a restart; add countersign.dev/env.<VAR>, or remove this',
    ],
    [{ 'env.1A': 'db.a' }, 'env.1A', VARIABLE],
    [{ 'env.A-B': 'db.a' }, 'env.A-B', VARIABLE],
    [{ 'env.A.B': 'db.a' }, 'env.A.B', VARIABLE],
    [{ 'env.': 'db.a' }, 'env.', VARIABLE],
    [{ 'env.A': 'db' }, 'env.A', 'expected credential.field, found "db"'],
    [{ 'env.A': 'db.a|json' }, 'env.A', 'expected credential.field, or credential.field|base64'],
    [{ 'env.A': 'db.a|base64|base64' }, 'env.A', 'expected credential.field, or credential.field|base64'],
    [
      { 'env.A': 'web.a' },
      'env.A',
      'there is no credential web; add countersign.dev/credential.web: <Vault path>',
    ],
    [
      { 'env.DB': 'db.a', 'env.Db': 'db.b' },
      'env.Db',
      'sets the same variable as countersign.dev/env.DB, but for upper and lower case; keep one of the two',
    ],
    [
      { 'env.VAULT_TOKEN': 'db.a', token: 'env' },
      'token',
      'sets the same variable as countersign.dev/env.VAULT_TOKEN; keep one of the two',
    ],
    [
      { 'identity.jwt': 'a/b' },
      'identity.jwt',
      'expected ROLE [aud=AUDIENCE] [scope=a,b], the role of letters, digits, "_", "-" and "."',
    ],
    [
      { 'identity.jwt': 'shop audience=x' },
      'identity.jwt',
      'expected ROLE [aud=AUDIENCE] [scope=a,b], found "audience=x"',
    ],
    [{ 'identity.jwt': 'shop aud=x aud=y' }, 'identity.jwt', 'aud is given twice'],
    [
      { 'identity.jwt': 'shop aud=' },
      'identity.jwt',
      'the audience is empty, too long, or holds control characters',
    ],
    [{ 'identity.jwt': 'shop scope=a,,b' }, 'identity.jwt', SCOPES],
    [{ 'identity.jwt': 'shop scope="a b"' }, 'identity.jwt', SCOPES],
    [{ 'identity.jwt': 'shop aud="x' }, 'identity.jwt', 'a quotation mark is never closed'],
    [{ 'identity...x': 'shop' }, 'identity...x', 'a file name may not be "." or start with ".."'],
    [
      { 'identity.password': 'shop' },
      'identity.password',
      'writes the same file as countersign.dev/file.password; rename one of the two',
    ],
    [
      { token: 'file', 'identity.token': 'shop' },
      'identity.token',
      'the Vault token, asked for too, is in a file of this name; rename it, or add countersign.dev/token: none',
    ],
    [{ 'refresh.db': '9s' }, 'refresh.db', duration('9s')],
    [{ 'refresh.db': '168h1s' }, 'refresh.db', duration('168h1s')],
    [{ 'refresh.db': '5 minutes' }, 'refresh.db', duration('5 minutes')],
    [{ 'refresh.db': '' }, 'refresh.db', duration('')],
    [
      { 'refresh.web': '5m' },
      'refresh.web',
      'there is no credential web; add countersign.dev/credential.web: <Vault path>',
    ],
    ...[
      'https://127.0.0.1/x',
      'http://127.0.0.2/x',
      'http://127.0.0.1.evil.example/',
      'http://127.0.0.1@evil.example/',
      'http://u:p@127.0.0.1/',
      'http://localhost:65536/',
      'http://localhost:0/',
      'http://localhost:/',
      'http://localhost\\@evil.example/',
      'http://localhost/#x',
      'http://localhost/a b',
      'http://[::2]/',
      'http://localhost.evil.example',
      `http://localhost/${'x'.repeat(184)}`,
      '',
    ].map((url): [Readonly<Record<string, unknown>>, string, string] => [
      { notify: url },
      'notify',
      URL_EXPECTED,
    ]),
    ...[
      { agent: 'init', 'refresh.db': '5m' },
      { agent: 'init', notify: 'http://localhost/' },
      { agent: 'init', rotate: 'restart', 'env.A': 'db.a' },
    ].map((changes): [Readonly<Record<string, unknown>>, string, string] => [
      changes,
      Object.keys(changes)[1] ?? '',
      'with countersign.dev/agent: init nobody does this once the pod runs; remove one of the two',
    ]),
    [
      { 'credential.DB': 'a/b' },
      'credential.DB',
      'expected a credential name of 1 to 40 small letters, digits and "-"',
    ],
    [
      { 'credential.db': '/a' },
      'credential.db',
      'the path starts with a slash; write it as "secret/data/app"',
    ],
    [{ 'file...': 'db' }, 'file...', 'a file name may not be "." or start with ".."'],
    [
      { 'file.x': 'two words' },
      'file.x',
      'expected a credential, credential.field, or a template with {credential.field}',
    ],
    [
      { 'file.x': 'other.password' },
      'file.x',
      'there is no credential other; add countersign.dev/credential.other: <Vault path>',
    ],
    [
      { 'file.x': '{a.b}{db.c}' },
      'file.x',
      'there is no credential a; add countersign.dev/credential.a: <Vault path>',
    ],
    [
      { 'credential.spare': 'a/b' },
      'credential.spare',
      'nothing uses this credential; add countersign.dev/file.<file name>: spare (in a template: {spare.<field>}) or countersign.dev/env.<VAR>: spare.<field>',
    ],
    [
      { token: 'file', 'file.token': 'db' },
      'file.token',
      'the Vault token, asked for too, is in a file of this name; rename it, or add countersign.dev/token: none',
    ],
    [{ containers: '' }, 'containers', 'expected names of containers, separated by commas, at most 500'],
    [{ containers: 'a,,b' }, 'containers', 'expected names of containers, separated by commas, at most 500'],
    [{ containers: 'A' }, 'containers', 'expected names of containers, separated by commas, at most 500'],
    [{ containers: 'a, a' }, 'containers', 'names a container twice'],
    [{ containers: 'countersign-init' }, 'containers', "countersign-init is Countersign's own container"],
    [
      { 'containers.x': 'a' },
      'containers.x',
      'there is no credential x; add countersign.dev/credential.<name>: <Vault path>',
    ],
    [{ 'credential.a': 'x/y', 'file.a': 'a', 'containers.a': 'api' }, 'containers.a', OTHER_FILES],
    [{ token: 'file', 'containers.db': 'api' }, 'containers.db', OTHER_FILES],
    [{ injekt: 'true' }, 'injekt', 'there is no such annotation; did you mean countersign.dev/inject?'],
    [{ needs: 5 }, 'needs', 'expected a string; put the value in quotes'],
  ])('%j', (changes, field, message) => {
    expect(problemsOf(asking(changes))).toEqual([[field, message]]);
  });

  it('is an unknown key even on a pod that does not ask, or declines', () => {
    const message = 'there is no such annotation; did you mean countersign.dev/needs?';
    expect(problemsOf({ [`${P}need`]: 'get pods' })).toEqual([['need', message]]);
    expect(problemsOf({ [`${P}need`]: 'get pods', [`${P}inject`]: 'false' })).toEqual([['need', message]]);
  });

  it('is a request without the key that asks', () => {
    expect(problemsOf({ [`${P}credential.db`]: 'a/b', [`${P}file.x`]: 'db' })).toEqual([
      [
        'inject',
        'is missing, though the pod has countersign.dev/credential.db, countersign.dev/file.x; add countersign.dev/inject: "true"',
      ],
    ]);
  });

  it('is a request for nothing', () => {
    expect(problemsOf({ [`${P}inject`]: 'true', [`${P}token`]: 'none' })).toEqual([
      [
        'inject',
        'the pod asks for nothing; add countersign.dev/credential.<name> and countersign.dev/file.<file name>',
      ],
    ]);
  });

  it('is no request for nothing where something is asked for that cannot be had', () => {
    const asks = { [`${P}inject`]: 'true', [`${P}token`]: 'none' };

    expect(problemsOf({ ...asks, [`${P}credential.db`]: 'a/b' }).map(([field]) => field)).toEqual([
      'credential.db',
    ]);
    expect(problemsOf({ ...asks, [`${P}file.x`]: 'db' }).map(([field]) => field)).toEqual(['file.x']);
  });

  it('is told of the first fifty unknown keys, each with the nearest', () => {
    const unknown = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`${P}need${at + 10}`, 'x']));

    const messages = problemsOf(unknown).map(([, message]) => message);

    expect(messages).toHaveLength(51);
    expect(messages[49]).toMatch(/^there is no such annotation; /);
    expect(messages[50]).toBe('and 10 problems more');
  });

  it('is reported with all others', () => {
    const fields = problemsOf(
      asking({
        vault: '?',
        token: '?',
        'credential.a': '/x',
        'file.b': '{',
        containers: '?',
        injekt: 1,
        order: '?',
      }),
    ).map(([field]) => field);

    expect(fields.toSorted()).toEqual([
      'containers',
      'credential.a',
      'file.b',
      'injekt',
      'order',
      'token',
      'vault',
    ]);
  });

  it('does not hide the credentials behind an output that can’t be read', () => {
    const fields = problemsOf({
      [`${P}inject`]: 'true',
      [`${P}credential.db`]: 'a/b',
      [`${P}env.X`]: 'db',
    });

    expect(fields.map(([field]) => field)).toEqual(['env.X']);
  });

  it('is a call-back where there are no files', () => {
    const annotations = {
      [`${P}inject`]: 'true',
      [`${P}credential.db`]: 'a/b',
      [`${P}env.X`]: 'db.x',
      [`${P}notify`]: 'http://localhost/',
    };

    expect(problemsOf(annotations)).toEqual([
      [
        'notify',
        'is called when files are swapped, and there are none; add countersign.dev/file.<file name>',
      ],
    ]);
  });

  it('is more variables than any program has', () => {
    const many = Array.from({ length: 101 }, (_, at) => [`env.V${at}`, 'db.x']);

    expect(problemsOf(asking(Object.fromEntries(many)))).toEqual([
      ['env.V0', 'expected at most 100 variables'],
    ]);
    expect(parseInjection(asking(Object.fromEntries(many.slice(1)))).problems).toEqual([]);
  });
});

describe('hostile annotations', () => {
  it('come in any number and are answered with fifty problems and a count', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`${P}k${at}`, '']));

    const problems = problemsOf(many);

    expect(problems).toHaveLength(51);
    expect(problems.at(-1)?.[1]).toBe('and 19950 problems more');
  });

  it('come in any size', () => {
    const names = Array.from({ length: 60_000 }, (_, at) => `c${at}`).join(',');

    expect(problemsOf(asking({ containers: names }))).toHaveLength(1);
  });

  it('are shown without what a terminal would obey', () => {
    const [problem] = problemsOf({ [`${P}\u001b[2Jinject`]: 'x' });

    expect(problem?.[0]).toBe('\\u001b[2Jinject');
  });
});
