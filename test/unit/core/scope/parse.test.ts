import { describe, expect, it } from 'vitest';
import { parseScopes } from '../../../../src/core/scope/parse.ts';
import type { Place, Scope } from '../../../../src/core/scope/scope.ts';

interface Written {
  readonly verbs?: string;
  readonly group?: string;
  readonly resource: string;
  readonly names?: readonly string[];
  readonly place?: Place;
}

function resource({ verbs = 'get', group = '', resource: name, names = [], place = 'own' }: Written): Scope {
  return { kind: 'resource', verbs: verbs.split(','), group, resource: name, names, place };
}

function url(verbs: string, path: string): Scope {
  return { kind: 'url', verbs: verbs.split(','), url: path };
}

function vault(capabilities: string, path: string): Scope {
  return { kind: 'vault', capabilities: capabilities.split(','), path };
}

describe('parseScopes reads', () => {
  it.each<[string, Scope]>([
    ['get,list,watch pods', resource({ verbs: 'get,list,watch', resource: 'pods' })],
    ['get pods/log', resource({ resource: 'pods/log' })],
    ['get secrets named db-creds,db-ca', resource({ resource: 'secrets', names: ['db-creds', 'db-ca'] })],
    ['list pods everywhere', resource({ verbs: 'list', resource: 'pods', place: 'everywhere' })],
    ['get pods in shop', resource({ resource: 'pods', place: { namespace: 'shop' } })],
    ['get pods named a in shop', resource({ resource: 'pods', names: ['a'], place: { namespace: 'shop' } })],
    ['get pods named a everywhere', resource({ resource: 'pods', names: ['a'], place: 'everywhere' })],
    ['patch deployments.apps', resource({ verbs: 'patch', group: 'apps', resource: 'deployments' })],
    ['get deployments.apps/scale', resource({ group: 'apps', resource: 'deployments/scale' })],
    [
      'get endpointslices.discovery.k8s.io',
      resource({ group: 'discovery.k8s.io', resource: 'endpointslices' }),
    ],
    ['get pods.core', resource({ resource: 'pods' })],
    ['get pods."core"', resource({ group: 'core', resource: 'pods' })],
    ['get pods.""', resource({ resource: 'pods' })],
    ['get pods.*', resource({ group: '*', resource: 'pods' })],
    ['get pods.*/log', resource({ group: '*', resource: 'pods/log' })],
    ['get *', resource({ group: '*', resource: '*' })],
    ['get *.core', resource({ resource: '*' })],
    ['get *.apps', resource({ group: 'apps', resource: '*' })],
    ['get */scale', resource({ group: '*', resource: '*/scale' })],
    ['get *.core/scale', resource({ resource: '*/scale' })],
    ['get pods/*', resource({ resource: 'pods/*' })],
    ['* * everywhere', resource({ verbs: '*', group: '*', resource: '*', place: 'everywhere' })],
    [
      '* *.apps in staging',
      resource({ verbs: '*', group: 'apps', resource: '*', place: { namespace: 'staging' } }),
    ],
    ['impersonate:user-info users', resource({ verbs: 'impersonate:user-info', resource: 'users' })],
    ['pods get', resource({ verbs: 'pods', resource: 'get' })],
    ['GET pods', resource({ verbs: 'GET', resource: 'pods' })],
    [
      'get users named a@b.c,system:x,k8s.io/y',
      resource({ resource: 'users', names: ['a@b.c', 'system:x', 'k8s.io/y'] }),
    ],
    [
      '* * in {namespace}',
      resource({ verbs: '*', group: '*', resource: '*', place: { namespace: '{namespace}' } }),
    ],
    [
      'get vault named vault in vault',
      resource({ resource: 'vault', names: ['vault'], place: { namespace: 'vault' } }),
    ],
    [
      'get pods named url,core in core',
      resource({ resource: 'pods', names: ['url', 'core'], place: { namespace: 'core' } }),
    ],
  ])('a resource: %s', (text, scope) => {
    expect(parseScopes(text)).toEqual({ scopes: [{ scope, line: 1, column: 1, text }], problems: [] });
  });

  it.each<[string, Scope]>([
    ['get "we.ird"."gr oup"/"su/b"', resource({ group: 'gr oup', resource: 'we.ird/su/b' })],
    ['"in","vault" "named"', resource({ verbs: 'in,vault', resource: 'named' })],
    ['get "url"', resource({ resource: 'url' })],
    ['get "*"', resource({ resource: '*' })],
    ['get ""', resource({ resource: '' })],
    ['get pods/""', resource({ resource: 'pods/' })],
    ['get ""/metrics', resource({ resource: '/metrics' })],
    [
      'get pods named "*","","in" in "everywhere"',
      resource({ resource: 'pods', names: ['*', '', 'in'], place: { namespace: 'everywhere' } }),
    ],
    ['get pods named "a # b"', resource({ resource: 'pods', names: ['a # b'] })],
    [
      String.raw`get pods named "\"\\\/\b\f\n\r\té"`,
      resource({ resource: 'pods', names: ['"\\/\b\f\n\r\t\u00e9'] }),
    ],
    [String.raw`get pods named "\ud800"`, resource({ resource: 'pods', names: ['\ud800'] })],
    ['get pods named "équipe 語"', resource({ resource: 'pods', names: ['équipe 語'] })],
  ])('a quoted value: %s', (text, scope) => {
    expect(parseScopes(text)).toEqual({ scopes: [{ scope, line: 1, column: 1, text }], problems: [] });
  });

  it.each<[string, Scope]>([
    ['get /metrics', url('get', '/metrics')],
    ['get,post /api/*', url('get,post', '/api/*')],
    ['get /', url('get', '/')],
    ['get /.well-known/openid-configuration', url('get', '/.well-known/openid-configuration')],
    ['get url /metrics', url('get', '/metrics')],
    ['get url "*"', url('get', '*')],
    ['get url "/a*b**"', url('get', '/a*b**')],
    ['get url ""', url('get', '')],
  ])('a URL: %s', (text, scope) => {
    expect(parseScopes(text)).toEqual({ scopes: [{ scope, line: 1, column: 1, text }], problems: [] });
  });

  it.each<[string, Scope]>([
    ['vault read database/creds/payments', vault('read', 'database/creds/payments')],
    ['vault create,update transit/sign/payments', vault('create,update', 'transit/sign/payments')],
    [
      'vault patch,delete,list,sudo,deny,subscribe,recover,scan x',
      vault('patch,delete,list,sudo,deny,subscribe,recover,scan', 'x'),
    ],
    ['vault read secret/data/*', vault('read', 'secret/data/*')],
    ['vault read secret/data/db*', vault('read', 'secret/data/db*')],
    ['vault read secret/+/db/+', vault('read', 'secret/+/db/+')],
    ['vault read +/x', vault('read', '+/x')],
    ['vault read +', vault('read', '+')],
    ['vault read *', vault('read', '*')],
    ['vault read secret/data/{namespace}/*', vault('read', 'secret/data/{namespace}/*')],
    ['vault list secret/metadata/', vault('list', 'secret/metadata/')],
    ['vault read "/a b/*/c+"', vault('read', '/a b/*/c+')],
    ['vault "read" "v1/x"', vault('read', 'v1/x')],
    ['vault read v1x/y', vault('read', 'v1x/y')],
  ])('a Vault path: %s', (text, scope) => {
    expect(parseScopes(text)).toEqual({ scopes: [{ scope, line: 1, column: 1, text }], problems: [] });
  });

  it.each([
    ['nothing', '', []],
    ['blank lines', ' \n\t\n\r\n', []],
    ['a comment', '# get pods', []],
    ['a comment after white space', '  \t# "get', []],
    ['an empty comment after an expression', 'get pods #', [[1, 1, 'get pods']]],
    ['a comment after an expression', 'get pods # in shop "', [[1, 1, 'get pods']]],
    ['a comment of any text', 'get pods # \u202e\u0007', [[1, 1, 'get pods']]],
    ['a # in quotes', 'get pods named "a # b" # c', [[1, 1, 'get pods named "a # b"']]],
    [
      'lines of Windows',
      'get pods\r\nget nodes\r\n',
      [
        [1, 1, 'get pods'],
        [2, 1, 'get nodes'],
      ],
    ],
    ['tabs between words', 'get\tpods', [[1, 1, 'get\tpods']]],
    ['indentation', '\n\t  get   pods  ', [[2, 4, 'get   pods']]],
    [
      'several lines',
      'get pods\n# c\n\nget nodes',
      [
        [1, 1, 'get pods'],
        [4, 1, 'get nodes'],
      ],
    ],
  ])('%s', (_, text, expected) => {
    const { scopes, problems } = parseScopes(text);

    expect(scopes.map(({ line, column, text: written }) => [line, column, written])).toEqual(expected);
    expect(problems).toEqual([]);
  });

  it('the lines around a wrong one, and reports every wrong line', () => {
    const { scopes, problems } = parseScopes('get\nget pods\nget "\nlist pods\n');

    expect(scopes.map(({ line }) => line)).toEqual([2, 4]);
    expect(problems.map(({ line, column }) => [line, column])).toEqual([
      [1, 4],
      [3, 5],
    ]);
  });
});

const AFTER_RESOURCE = 'expected `named NAMES`, `in NAMESPACE`, `everywhere` or the end of the line';
const AFTER_NAMES = 'expected `in NAMESPACE`, `everywhere` or the end of the line';
const ESCAPES =
  String.raw`expected \", \\, \/, \b, \f, \n, \r, \t or \u and four hexadecimal digits after ` +
  '`\\` in quotes';
const PATTERNS =
  'resourceNames have no patterns: leave `named` out for every name, or write "*" for that very name';

describe('parseScopes reports', () => {
  it.each([
    ['get', 4, 'expected a resource or a URL after the verbs, such as `get pods`'],
    ['get  # pods', 4, 'expected a resource or a URL after the verbs, such as `get pods`'],
    ['get in shop', 5, 'expected a resource before `in`; as the name of a resource write "in"'],
    [
      'get everywhere',
      5,
      'expected a resource before `everywhere`; as the name of a resource write "everywhere"',
    ],
    ['get pods in', 12, 'expected a namespace after `in`'],
    ['get pods in named a', 13, 'expected a namespace after `in`'],
    ['get pods in everywhere', 13, 'expected a namespace after `in`; `everywhere` stands without `in`'],
    ['get pods named', 15, 'expected names after `named`, such as `named api,web`'],
    ['get pods named in shop', 16, 'expected names after `named`, such as `named api,web`'],
    ['get pods shop', 10, `unexpected \`shop\`: ${AFTER_RESOURCE}; did you mean \`in shop\`?`],
    ['get pods -n shop', 10, `unexpected \`-n\`: ${AFTER_RESOURCE}; did you mean \`in shop\`?`],
    ['get pods namespace', 10, `unexpected \`namespace\`: ${AFTER_RESOURCE}; did you mean \`in NAMESPACE\`?`],
    [
      'get pods --namespace shop',
      10,
      `unexpected \`--namespace\`: ${AFTER_RESOURCE}; did you mean \`in shop\`?`,
    ],
    ['get pods ns shop', 10, `unexpected \`ns\`: ${AFTER_RESOURCE}; did you mean \`in shop\`?`],
    ['get pods name a', 10, `unexpected \`name\`: ${AFTER_RESOURCE}; did you mean \`named a\`?`],
    ['get pods names a', 10, `unexpected \`names\`: ${AFTER_RESOURCE}; did you mean \`named a\`?`],
    ['get pods called a', 10, `unexpected \`called\`: ${AFTER_RESOURCE}; did you mean \`named a\`?`],
    ['get pods anywhere', 10, `unexpected \`anywhere\`: ${AFTER_RESOURCE}; did you mean \`everywhere\`?`],
    [
      'get pods cluster-wide',
      10,
      `unexpected \`cluster-wide\`: ${AFTER_RESOURCE}; did you mean \`everywhere\`?`,
    ],
    [
      'get pods --all-namespaces',
      10,
      `unexpected \`--all-namespaces\`: ${AFTER_RESOURCE}; did you mean \`everywhere\`?`,
    ],
    ['get pods in a everywhere', 15, 'expected one place: several places are several lines'],
    ['get pods -A', 10, `unexpected \`-A\`: ${AFTER_RESOURCE}; did you mean \`everywhere\`?`],
    ['get pods everywere', 10, `unexpected \`everywere\`: ${AFTER_RESOURCE}; did you mean \`everywhere\`?`],
    ['get pods nmaed a', 10, `unexpected \`nmaed\`: ${AFTER_RESOURCE}; did you mean \`named a\`?`],
    ['get pods NAMED a', 10, `unexpected \`NAMED\`: ${AFTER_RESOURCE}; did you mean \`named a\`?`],
    ['get pods a,b', 10, `unexpected \`a,b\`: ${AFTER_RESOURCE}; did you mean \`named a,b\`?`],
    ['get pods names', 10, `unexpected \`names\`: ${AFTER_RESOURCE}; did you mean \`named NAMES\`?`],
    ['get pods named a b,c', 18, 'expected one list after `named`, as in `named api,web`'],
    ['get pods "x"', 10, `unexpected quoted value: ${AFTER_RESOURCE}`],
    ['get pods shopé', 10, `unexpected "shop\\u00e9": ${AFTER_RESOURCE}; did you mean "in shop\\u00e9"?`],
    ['get pods éshop', 10, `unexpected "\\u00e9shop": ${AFTER_RESOURCE}; did you mean "in \\u00e9shop"?`],
    ['get pods in"x" shop', 10, `unexpected quoted value: ${AFTER_RESOURCE}`],
    ['get pods named a web', 18, `unexpected \`web\`: ${AFTER_NAMES}; did you mean \`in web\`?`],
    ['get pods named a named b', 18, 'expected one list after `named`, as in `named api,web`'],
    ['get pods in shop named a', 18, 'expected `named` before the place, as in `get pods named api in shop`'],
    ['get pods in a in b', 15, 'expected one place: several places are several lines'],
    ['get pods everywhere in b', 21, 'expected one place: several places are several lines'],
    ['get pods in a b', 15, 'expected the end of the line after the place'],
    ['get pods everywhere now', 21, 'expected the end of the line after the place'],
  ])('the shape of %s', (text, column, message) => {
    expect(parseScopes(text)).toEqual({ scopes: [], problems: [{ line: 1, column, message }] });
  });

  it.each([
    ['get, list pods', 5, 'expected a verb after the comma, without white space'],
    ['get,,list pods', 5, 'expected a verb after the comma, without white space'],
    [',get pods', 1, 'expected a verb before the comma, without white space'],
    ['get pods named a,', 18, 'expected a name after the comma, without white space'],
    ['get* pods', 4, 'unexpected `*` in a verb: `*` stands alone, RBAC has no patterns'],
    ['get/list pods', 4, 'unexpected `/` in a verb: quote the value if it is meant'],
    ['in pods', 1, '`in` is a word of the scope language: as a verb write "in"'],
    ['get,vault pods', 5, '`vault` is a word of the scope language: as a verb write "vault"'],
    ['ge"t" pods', 1, 'unexpected text beside a quoted value: quote the whole of a verb'],
    ['"ge"t pods', 5, 'unexpected text beside a quoted value: quote the whole of a verb'],
    ['get pods,secrets', 9, 'unexpected `,` in a resource: one resource a line'],
    ['get pods.apps,secrets', 14, 'unexpected `,` in an API group: one resource a line'],
    ['get pod*', 8, 'unexpected `*` in a resource: `*` stands alone, RBAC has no patterns'],
    ['get pods#log', 9, 'unexpected `#` in a resource: a comment starts after white space'],
    ['get pöds', 6, 'unexpected "\\u00f6" in a resource: quote the value if it is meant'],
    ["get 'pods'", 5, 'unexpected `\'` in a resource: quote with `"`'],
    ['get “pods”', 5, 'unexpected "\\u201c" in a resource: quote with `"`'],
    ['get 🙂', 5, 'unexpected "\\ud83d\\ude42" in a resource: quote the value if it is meant'],
    ['get .apps', 5, 'expected a resource'],
    ['get pods.', 10, 'expected an API group'],
    ['get pods./log', 10, 'expected an API group'],
    ['get pods/', 10, 'expected a subresource'],
    ['get pods.a..b', 10, "`a..b` can't stand bare as an API group: quote it if it is meant"],
    ['get pods.*.apps', 10, 'unexpected `*` in an API group: `*` stands alone, RBAC has no patterns'],
    ['get url.apps', 5, '`url` is a word of the scope language: as a resource write "url"'],
    ['get pods/log/x', 13, 'unexpected `/` in a subresource: quote the value if it is meant'],
    [
      'get deployments/scale.apps',
      22,
      'unexpected `.` in a subresource: the group stands before the subresource, as in `deployments.apps/scale`',
    ],
    ['get "pods/log"', 5, 'unexpected `/` in a quoted resource: write it outside of the quotes'],
    ['get "/metrics"', 5, 'unexpected `/` in a quoted resource: write `get /metrics` for a URL'],
    ['get pods named *', 16, `unexpected \`*\` in a name: ${PATTERNS}`],
    ['get pods named a,db-*', 21, `unexpected \`*\` in a name: ${PATTERNS}`],
    ['get pods in *', 13, 'unexpected `*` in a namespace: write `everywhere` for every namespace'],
    ['get pods in a,b', 14, 'unexpected `,` in a namespace: one namespace a line'],
  ])('the words of %s', (text, column, message) => {
    expect(parseScopes(text)).toEqual({ scopes: [], problems: [{ line: 1, column, message }] });
  });

  it.each([
    ['/metrics', 1, 'expected verbs before the URL, such as `get /metrics`'],
    ['get url', 8, 'expected a URL after `url`; as the name of a resource write "url"'],
    ['get url pods', 9, "`pods` can't stand bare as a URL: it starts with `/`"],
    [
      'get url *',
      9,
      'unexpected `*` in a URL: `*` counts only at the end of a path, and every URL is `url "*"`',
    ],
    [
      'get /a*b',
      7,
      'unexpected `*` in a URL: `*` counts only at the end of a path, and every URL is `url "*"`',
    ],
    ['get /a?b', 7, 'unexpected `?` in a URL: quote the value if it is meant'],
    ['get /a,/b', 7, 'unexpected `,` in a URL: one URL a line'],
    ['get /metrics in shop', 14, 'expected the end of the line: a URL has no names and no place'],
    ['get url "*" everywhere', 13, 'expected the end of the line: a URL has no names and no place'],
  ])('the URL of %s', (text, column, message) => {
    expect(parseScopes(text)).toEqual({ scopes: [], problems: [{ line: 1, column, message }] });
  });

  it.each([
    ['vault', 6, 'expected capabilities and a path after `vault`, such as `vault read secret/data/db`'],
    ['vault read', 11, 'expected a path after the capabilities, such as `vault read secret/data/db`'],
    [
      'vault secret/data/x',
      7,
      'expected capabilities before the path; did you mean `vault read secret/data/x`?',
    ],
    ['vault raed x', 7, 'unknown capability `raed`; did you mean `read`?'],
    ['vault read,READ x', 12, 'unknown capability `READ`; did you mean `read`?'],
    ['vault write x', 7, 'unknown capability `write`; did you mean `create,update`?'],
    ['vault "get" x', 7, 'unknown capability `get`; did you mean `read`?'],
    [
      'vault * x',
      7,
      'unknown capability `*`; expected create, read, update, patch, delete, list, sudo, deny, subscribe, recover, scan',
    ],
    ['vault put x', 7, 'unknown capability `put`; did you mean `update`?'],
    ['vault POST x', 7, 'unknown capability `POST`; did you mean `update`?'],
    ['vault remove x', 7, 'unknown capability `remove`; did you mean `delete`?'],
    ['vault read v1//secret', 12, 'a Vault path starts with its mount, without `/` or `v1/`: write `secret`'],
    [
      'vault read *x',
      12,
      '`*` counts only at the end of a Vault path: write `+` for one segment, or quote the path',
    ],
    [
      'vault read +a/b',
      12,
      '`+` stands for one whole segment of a Vault path, as in `kv/data/+/db`: else quote the path',
    ],
    ['vault read, x', 12, 'expected a capability after the comma, without white space'],
    [
      'vault read /secret/x',
      12,
      'a Vault path starts with its mount, without `/` or `v1/`: write `secret/x`',
    ],
    [
      'vault read v1/secret/x',
      12,
      'a Vault path starts with its mount, without `/` or `v1/`: write `secret/x`',
    ],
    [
      'vault read //v1/secret',
      12,
      'a Vault path starts with its mount, without `/` or `v1/`: write `secret`',
    ],
    [
      'vault read /',
      12,
      'a Vault path starts with its mount, without `/` or `v1/`: expected a path such as `secret/data/db`',
    ],
    [
      'vault read a/*/b',
      14,
      '`*` counts only at the end of a Vault path: write `+` for one segment, or quote the path',
    ],
    [
      'vault read a/**',
      14,
      '`*` counts only at the end of a Vault path: write `+` for one segment, or quote the path',
    ],
    [
      'vault read a/b+',
      15,
      '`+` stands for one whole segment of a Vault path, as in `kv/data/+/db`: else quote the path',
    ],
    [
      'vault read a/+b',
      14,
      '`+` stands for one whole segment of a Vault path, as in `kv/data/+/db`: else quote the path',
    ],
    [
      'vault read a/+*',
      14,
      '`+` stands for one whole segment of a Vault path, as in `kv/data/+/db`: else quote the path',
    ],
    ['vault read a,b', 13, 'unexpected `,` in a Vault path: one path a line'],
    ['vault read a"b"', 12, 'unexpected text beside a quoted value: quote the whole of a Vault path'],
    ['vault read x in shop', 14, 'expected the end of the line: a Vault path has no names and no place'],
  ])('the Vault path of %s', (text, column, message) => {
    expect(parseScopes(text)).toEqual({ scopes: [], problems: [{ line: 1, column, message }] });
  });

  it.each([
    ['get "pods', 5, 'missing closing quote: expected `"` before the end of the line'],
    [String.raw`get "pods\"`, 5, 'missing closing quote: expected `"` before the end of the line'],
    [String.raw`get pods in "sho\x"`, 17, ESCAPES],
    [String.raw`get pods in "sho\u12"`, 17, ESCAPES],
    ['get pods in "sho\\', 17, ESCAPES],
    ['get \u0007pods', 5, 'unprintable character \\u0007: in quotes write it as "\\u0007"'],
    ['get "a\tb"', 7, 'unprintable character \\u0009: in quotes write it as "\\u0009"'],
    ['get pods\u007f', 9, 'unprintable character \\u007f: in quotes write it as "\\u007f"'],
    ['get pods\rx', 9, 'unprintable character \\u000d: in quotes write it as "\\u000d"'],
    [
      'get\u00a0pods',
      4,
      'unprintable character \\u00a0: between words a plain space is expected, in quotes write it as "\\u00a0"',
    ],
    [
      'get "a\u2028"',
      7,
      'unprintable character \\u2028: between words a plain space is expected, in quotes write it as "\\u2028"',
    ],
    ['get pods named "\u202egnp"', 17, 'unprintable character \\u202e: in quotes write it as "\\u202e"'],
    ['get pods\u200b', 9, 'unprintable character \\u200b: in quotes write it as "\\u200b"'],
    ['get "\u3164"', 6, 'unprintable character \\u3164: in quotes write it as "\\u3164"'],
    ['get "\ud800"', 6, 'unprintable character \\ud800: in quotes write it as "\\ud800"'],
    ['get "a🙂\udc00"', 9, 'unprintable character \\udc00: in quotes write it as "\\udc00"'],
    ['get "\u{e0041}"', 6, 'unprintable character \\udb40\\udc41: in quotes write it as "\\udb40\\udc41"'],
    ['\ufeffget pods', 1, 'unprintable character \\ufeff: in quotes write it as "\\ufeff"'],
  ])('the characters of %j', (text, column, message) => {
    expect(parseScopes(text)).toEqual({ scopes: [], problems: [{ line: 1, column, message }] });
  });

  it('long foreign text cut short', () => {
    const [problem] = parseScopes(`get pods ${'x'.repeat(1000)}`).problems;

    expect(problem?.message).toContain(`\`${'x'.repeat(77)}...\``);
    expect(problem?.message.length).toBeLessThan(300);
    expect(parseScopes(`get pods ${'x'.repeat(80)}`).problems[0]?.message).toContain(`\`${'x'.repeat(80)}\``);
  });

  it('a problem in the line and column where it is', () => {
    expect(parseScopes('get pods\r\n\r\n\t get pods in').problems).toEqual([
      { line: 3, column: 14, message: 'expected a namespace after `in`' },
    ]);
  });
});
