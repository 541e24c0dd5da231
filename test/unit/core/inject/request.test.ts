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
        token: 'none',
        containers: undefined,
        order: 'auto',
      },
    });
  });

  it.each<[Readonly<Record<string, unknown>>, object]>([
    [asking({ inject: 'login' }), { issuance: 'login' }],
    [asking({ vault: 'eu-1', 'vault-role': 'shop_api' }), { vault: 'eu-1', role: 'shop_api' }],
    [asking({ token: 'file' }), { token: 'file' }],
    [asking({ agent: 'init', order: 'first' }), { order: 'first' }],
    [asking({ agent: ' auto ' }), { order: 'auto' }],
    [asking({ containers: 'api, log' }), { containers: ['api', 'log'] }],
    [asking({ 'containers.db': 'api' }), { containers: ['api'] }],
    [asking({ containers: 'log', 'containers.db': 'api' }), { containers: ['api'] }],
    [asking({ containers: 'a,b', 'containers.db': 'b,a', token: 'file' }), { containers: ['b', 'a'] }],
    [{ [`${P}inject`]: 'true' }, { token: 'file', credentials: [], files: [] }],
    [
      { [`${P}inject`]: 'true', [`${P}containers`]: 'api' },
      { token: 'file', containers: ['api'] },
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

function unsupported(what: string, instead: string): string {
  return `${what} is not supported by this release; ${instead}`;
}

describe('a mistake', () => {
  it.each<[Readonly<Record<string, unknown>>, string, string]>([
    [{ inject: 'yes' }, 'inject', 'expected "true" or "login" or "false", found "yes"'],
    [{ inject: 'True' }, 'inject', 'expected "true" or "login" or "false", found "True"'],
    [{ inject: true }, 'inject', 'expected a string; put the value in quotes'],
    [
      { inject: 'wrapped' },
      'inject',
      unsupported('"wrapped"', 'use "login": the pod logs in with its own service-account token'),
    ],
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
    [{ token: 'yes' }, 'token', 'expected "file" or "none", found "yes"'],
    [{ token: 'env' }, 'token', unsupported('"env"', 'use "file": the token is then in the file "token"')],
    [{ agent: 'both' }, 'agent', 'expected "auto" or "init", found "both"'],
    [
      { agent: 'sidecar' },
      'agent',
      unsupported('"sidecar"', 'use "init": credentials are fetched once, when the pod starts'),
    ],
    [{ order: 'last' }, 'order', 'expected "auto" or "first", found "last"'],
    [{ order: 'after:proxy' }, 'order', unsupported('"after:proxy"', 'use "auto" or "first"')],
    [
      { 'env.DB': 'db.password' },
      'env.DB',
      unsupported('this annotation', 'let the program read a file (countersign.dev/file.<file name>)'),
    ],
    [
      { 'identity.jwt': 'shop aud=x' },
      'identity.jwt',
      unsupported(
        'this annotation',
        'read the token as a credential (countersign.dev/credential.<name>: identity/oidc/token/<role>)',
      ),
    ],
    [
      { 'refresh.db': '5m' },
      'refresh.db',
      unsupported('this annotation', 'values are read once, when the pod starts'),
    ],
    [
      { notify: 'http://127.0.0.1/x' },
      'notify',
      unsupported('this annotation', 'files do not change while the pod runs'),
    ],
    [
      { rotate: 'restart' },
      'rotate',
      unsupported('this annotation', 'files do not change while the pod runs'),
    ],
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
      'nothing uses this credential; add countersign.dev/file.<file name>: spare (in a template: {spare.<field>})',
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
    [
      { 'credential.a': 'x/y', 'file.a': 'a', 'containers.a': 'api' },
      'containers.a',
      unsupported(
        'a choice of containers for one credential',
        'name the same ones for all in countersign.dev/containers',
      ),
    ],
    [
      { token: 'file', 'containers.db': 'api' },
      'containers.db',
      unsupported(
        'a choice of containers for one credential',
        'name the same ones for all in countersign.dev/containers',
      ),
    ],
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

  it('is not that nothing uses a credential, where the token goes where this release cannot put it', () => {
    const asks = { [`${P}inject`]: 'true', [`${P}token`]: 'env' };

    expect(problemsOf({ ...asks, [`${P}credential.db`]: 'a/b' }).map(([field]) => field)).toEqual(['token']);
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

  it('does not hide behind the credentials of an output that is not supported', () => {
    const fields = problemsOf({
      [`${P}inject`]: 'true',
      [`${P}credential.db`]: 'a/b',
      [`${P}env.X`]: 'db.x',
    });

    expect(fields.map(([field]) => field)).toEqual(['env.X']);
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
