import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig, readConfig } from '../../../src/config/load.ts';
import { describeProblem } from '../../../src/config/problem.ts';
import { createCa, temporaryFolder } from '../../support/tls.ts';

const folder = temporaryFolder();
const FILE = join(folder.path, 'countersign.yaml');

beforeAll(async () => {
  const { cert, key } = await (await createCa()).issue();
  mkdirSync(join(folder.path, 'policies'));
  const files = {
    'tls.crt': cert,
    'tls.key': key,
    key: 'k'.repeat(32),
    short: 'k'.repeat(31),
    'not.pem': 'hello',
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
});
afterAll(() => folder[Symbol.dispose]());

const LAPTOP = 'webhook: { tls: { selfSigned: true }, caller: { mode: path, segment: door } }\n';

const MTLS =
  'webhook: { tls: { certFile: tls.crt, keyFile: tls.key }, caller: { mode: mtls, clientCAFile: tls.crt, allowedNames: [a] } }\n';

/** Problems as a person sees them, without the folder. */
function problemsOf(text: string): readonly string[] {
  const loaded = readConfig(text, FILE);
  return loaded.ok
    ? []
    : loaded.problems.map((problem) => describeProblem(problem).replaceAll(`${folder.path}/`, ''));
}

describe('a configuration', () => {
  it('of three lines has every default', () => {
    expect(readConfig(LAPTOP, FILE)).toEqual({
      ok: true,
      config: {
        webhook: {
          address: ':8443',
          tls: { selfSigned: true },
          caller: { mode: 'path', segment: 'door' },
        },
        operations: { address: ':9090' },
        shutdown: { graceSeconds: 5 },
        policies: {},
        vaults: {},
        injection: {
          repositories: [],
          imagePullPolicy: 'IfNotPresent',
          resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { memory: '128Mi' } },
          env: { runtimeClasses: [] },
          runAsUser: 65_532,
        },
        denials: {
          enabled: true,
          maxPerNamespace: 100,
          maxPerRequester: 500,
          maxInCluster: 2000,
          keepClosedSeconds: 86_400,
          expireAfterSeconds: 604_800,
        },
        grants: { keepEvidenceDays: 30, warnBeforeExpirySeconds: 900 },
        notifications: {},
        factsMaxAgeSeconds: 300,
        reschedulers: [],
        workloadKinds: [],
        leaderElection: { namespace: 'countersign', name: 'countersign' },
        cluster: {},
        log: { level: 'info' },
      },
    });
  });

  it('with everything in it is valid, and its file names become absolute', () => {
    const loaded = readConfig(
      `
webhook:
  address: "[::]:443"
  tls: { certFile: tls.crt, keyFile: ./tls.key }
  caller: { mode: mtls, segment: door, previousSegment: old, clientCAFile: tls.crt, allowedNames: [kube-apiserver] }
operations: { address: "127.0.0.1:9090" }
shutdown: { graceSeconds: 0 }
policies: { dir: policies }
vaults:
  default:
    address: https://vault.example.com:8200
    namespace: team/app
    authMount: clusters/one
    authMethod: jwt
    audience: https://vault.example.com
    tokenExpirationSeconds: 600
    caFile: tls.crt
    tlsServerName: vault.internal
    kvMounts: [secret, team/kv]
  plain: { address: "http://[::1]:8200", allowHTTP: true }
injection:
  image: registry.example.com:5000/countersign:0.1.0@sha256:${'a'.repeat(64)}
  repositories: [ghcr.io/old/countersign]
  imagePullPolicy: Always
  resources: { requests: { cpu: "1", memory: 64Mi }, limits: { cpu: 500m, memory: 1Gi } }
  runAsUser: null
  keyFile: key
  previousKeyFile: ${join(folder.path, 'key')}
factsMaxAgeSeconds: 600
cluster: { kubeconfig: key, context: here }
log: { level: debug }
`,
      FILE,
    );
    expect(loaded).toMatchObject({
      ok: true,
      config: {
        webhook: { tls: { certFile: join(folder.path, 'tls.crt'), keyFile: join(folder.path, 'tls.key') } },
        policies: { dir: join(folder.path, 'policies') },
        vaults: { default: { caFile: join(folder.path, 'tls.crt') } },
        injection: { keyFile: join(folder.path, 'key'), runAsUser: null },
      },
    });
  });
});

describe('mistakes', () => {
  it('of every kind are reported together, each with its place and what was expected', () => {
    const text = `webhook:
  adress: ":8443"
  tls: { certFile: gone.crt }
  caller: { mode: path, segment: Door_1 }
vaults:
  default:
    address: https://vault:8200/v1
    tokenExpirationSeconds: 5m
injection:
  keyFile: short
shutdown: { graceSeconds: 600 }
log: { level: trace }
`;
    expect(problemsOf(text)).toEqual([
      'countersign.yaml:2:3: webhook.adress: unknown key; did you mean address?',
      'countersign.yaml:3:3: webhook.tls.keyFile: is missing: one needs the other',
      'countersign.yaml:3:20: webhook.tls.certFile: cannot be read (ENOENT)',
      'countersign.yaml:4:34: webhook.caller.segment: expected an RFC 1123 label: a-z, 0-9 and - between them, at most 63 characters',
      'countersign.yaml:7:14: vaults.default.address: expected https://HOST[:PORT] with nothing behind it',
      'countersign.yaml:8:29: vaults.default.tokenExpirationSeconds: expected a whole number, found text',
      'countersign.yaml:9:1: injection.image: is missing: a connection in vaults needs it',
      'countersign.yaml:10:12: injection.keyFile: expected a key of at least 32 bytes',
      'countersign.yaml:11:27: shutdown.graceSeconds: expected 60 or less',
      'countersign.yaml:12:15: log.level: expected one of debug, info, warn, error',
    ]);
  });

  it.each([
    ['nothing', '', 'countersign.yaml:1:1: webhook: is missing'],
    ['a list', '[]', 'countersign.yaml:1:1: expected a mapping, found a list'],
    [
      'a number where text belongs',
      `${LAPTOP}log: { level: 1 }`,
      'countersign.yaml:2:15: log.level: expected text, found a number (text that looks like one goes in quotes)',
    ],
    [
      'a section without content',
      `${LAPTOP}policies:\n`,
      'countersign.yaml:2:1: policies: expected a mapping, found nothing',
    ],
    [
      'a name that is no label',
      `${LAPTOP}vaults:\n  My_Vault: { address: "https://v" }\n`,
      'vaults.My_Vault: expected an RFC 1123 label',
    ],
    [
      '__proto__',
      `${LAPTOP}__proto__: { log: { level: debug } }\n`,
      'countersign.yaml:2:1: __proto__: unknown key',
    ],
    [
      'a connection named __proto__',
      `${LAPTOP}vaults: { __proto__: { address: "https://v" } }\n`,
      'vaults.__proto__: expected an RFC 1123 label',
    ],
    [
      'an entry twice in a list',
      `${LAPTOP}injection: { repositories: [a/b, c, a/b] }`,
      'countersign.yaml:2:37: injection.repositories[2]: is the same as entry 0',
    ],
    [
      'an entry of the wrong type',
      `${LAPTOP}injection: { repositories: [a, {}] }`,
      'injection.repositories[1]: expected text, found a mapping',
    ],
  ])('%s', (_name, text, expected) => {
    expect(problemsOf(text).join('\n')).toContain(expected);
  });

  it.each([
    [
      'a certificate of files',
      'webhook: { tls: { certFile: tls.crt, keyFile: tls.key }, caller: { mode: path } }\nkeys: {}',
      'webhook.tls: keys has the certificate',
    ],
    [
      'a self-signed certificate',
      'webhook: { tls: { selfSigned: true }, caller: { mode: path } }\nkeys: {}',
      'webhook.tls: keys has the certificate',
    ],
    [
      'no certificate and an external one',
      'webhook: { caller: { mode: path } }\nkeys: { tls: External }',
      'webhook.tls: expected certFile and keyFile',
    ],
    [
      'a segment',
      'webhook: { caller: { mode: path, segment: door } }\nkeys: {}',
      'webhook.caller.segment: has no effect with keys',
    ],
    [
      'a segment and mode mtls',
      'webhook: { caller: { mode: mtls, segment: door, clientCAFile: tls.crt, allowedNames: [a] } }\nkeys: {}',
      'webhook.caller.segment: has no effect with keys',
    ],
    [
      'a key of injection',
      'webhook: { caller: { mode: path } }\ninjection: { keyFile: seal.key }\nkeys: {}',
      'injection.keyFile: has no effect with keys',
    ],
    [
      'a name that is none',
      'webhook: { caller: { mode: path } }\nkeys: { secret: A_b }',
      'keys.secret: expected an RFC 1123 label',
    ],
  ])('of keys together with %s', (_name, text, expected) => {
    expect(problemsOf(text).join('\n')).toContain(expected);
  });

  it.each([
    [
      'path',
      'webhook: { caller: { mode: path } }\nvaults: { default: { address: "https://v" } }\ninjection: { image: a }\nkeys: {}',
    ],
    ['mtls', 'webhook: { caller: { mode: mtls, clientCAFile: tls.crt, allowedNames: [a] } }\nkeys: {}'],
    [
      'external',
      'webhook: { tls: { certFile: tls.crt, keyFile: tls.key }, caller: { mode: path } }\nkeys: { tls: External }',
    ],
  ])('none where keys has what is left out: %s', (_name, text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it.each([
    [
      'files and selfSigned',
      'tls: { selfSigned: true, certFile: tls.crt, keyFile: tls.key }',
      'tls: selfSigned and files exclude each other',
    ],
    ['no certificate', 'tls: {}', 'tls: expected certFile and keyFile, or selfSigned: true'],
    [
      'a certificate that is none',
      'tls: { certFile: not.pem, keyFile: tls.key }',
      'tls.certFile: expected certificates in PEM',
    ],
    ['no segment in mode path', 'caller: { mode: path }', 'caller.segment: is missing: mode path needs it'],
    [
      'mode mtls with selfSigned',
      'caller: { mode: mtls, clientCAFile: tls.crt, allowedNames: [x] }',
      'tls: mode mtls needs certFile and keyFile',
    ],
    [
      'no names in mode mtls',
      'caller: { mode: mtls, clientCAFile: tls.crt }',
      'caller.allowedNames: is missing: mode mtls needs it',
    ],
    [
      'an empty list of names',
      'caller: { mode: mtls, clientCAFile: tls.crt, allowedNames: [] }',
      'caller.allowedNames: expected at least one entry, found none',
    ],
    [
      'names in mode path',
      'caller: { mode: path, segment: door, allowedNames: [x] }',
      'caller.allowedNames: has no effect with mode path; expected mode mtls',
    ],
    [
      'the same segment twice',
      'caller: { mode: path, segment: door, previousSegment: door }',
      'caller.previousSegment: expected a segment that differs',
    ],
    ['an unknown mode', 'caller: { mode: token }', 'caller.mode: expected one of path, mtls'],
    [
      'the port of the other server',
      'address: "127.0.0.1:9090"',
      'operations.address: expected another port',
    ],
  ])('in webhook: %s', (_name, line, expected) => {
    const tls =
      line.includes('mtls') && !line.includes('[x]')
        ? 'certFile: tls.crt, keyFile: tls.key'
        : 'selfSigned: true';
    const missing = [
      line.startsWith('tls:') ? '' : `tls: { ${tls} }`,
      line.includes('caller:') ? '' : 'caller: { mode: path, segment: door }',
    ];
    const text = `webhook:\n${[line, ...missing]
      .filter(Boolean)
      .map((part) => `  ${part}`)
      .join('\n')}\n`;
    expect(problemsOf(text)).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ['no key', 'url: "https://a"', 'secretFile: is missing'],
    ['an address in the clear', 'url: "http://a", secretFile: tls.crt', 'url: expected https://HOST…'],
    [
      'two CAs',
      'url: "https://a", secretFile: tls.crt, ca: "x", caFile: tls.crt',
      'ca: expected certificates in PEM',
    ],
    [
      'an event of no kind',
      'url: "https://a", secretFile: tls.crt, events: [Granted]',
      'events[0]: expected ',
    ],
    [
      'a header of two lines',
      'url: "https://a", secretFile: tls.crt, headers: { X-A: "a\\r\\nb" }',
      'headers.X-A: ',
    ],
    ['a header of no name', 'url: "https://a", secretFile: tls.crt, headers: { "X A": a }', 'headers'],
  ])('of a receiver with %s is not valid', (_, receiver, expected) => {
    const [problem = ''] = problemsOf(`${LAPTOP}\nnotifications: { chat: { ${receiver} } }\n`);

    expect(problem).toContain(`notifications.chat.${expected}`);
  });

  it.each([
    ['http', 'address: "http://vault:8200"', 'address: expected https://, or allowHTTP: true beside it'],
    [
      'a name and a password',
      'address: "https://a:b@vault"',
      'address: expected https://HOST[:PORT] with nothing behind it',
    ],
    ['no address', 'audience: vault', 'address: is missing'],
    ['two CAs', 'address: "https://vault", ca: "x", caFile: tls.crt', 'ca: expected certificates in PEM'],
    [
      'a mount with slashes around it',
      'address: "https://vault", authMount: /kubernetes/',
      'authMount: expected the path of a mount',
    ],
    [
      'a mount that climbs',
      'address: "https://vault", authMount: a/../b',
      'authMount: expected the path of a mount',
    ],
  ])('in a connection: %s', (_name, fields, expected) => {
    const injection = 'injection: { image: countersign, keyFile: key }\n';
    const problems = problemsOf(`${LAPTOP}${injection}vaults: { default: { ${fields} } }\n`);
    expect(problems[0]).toContain(`vaults.default.${expected}`);
  });

  it.each([
    ['a key twice', `${LAPTOP}log: {}\nlog: {}\n`, '3:1: not valid YAML: Map keys must be unique'],
    ['a tab', 'webhook:\n\ttls: {}\n', '2:1: not valid YAML'],
    ['two documents', `${LAPTOP}---\n${LAPTOP}`, '2:1: not valid YAML'],
    ['an unknown tag', `${LAPTOP}log: !secret x\n`, '2:6: not valid YAML'],
  ])('that are no YAML: %s', (_name, text, expected) => {
    expect(problemsOf(text)[0]).toContain(`countersign.yaml:${expected}`);
  });

  it.each<[string, string, boolean, readonly string[]]>([
    ['behind a path that anybody may know', LAPTOP, true, ['needs webhook.caller.mode mtls']],
    [
      'without an identity that asks for them',
      MTLS,
      false,
      ['needs a connection in vaults with facts, the identity that asks'],
    ],
    ['with both', MTLS, true, []],
  ])('wrapped tokens %s', (_, webhook, identity, problems) => {
    const facts = identity ? ', facts: { role: countersign, tokenFile: key }' : '';
    const text = `${webhook}vaults: { default: { address: "https://v"${facts} } }\ninjection: { image: a/b, keyFile: key, wrapped: {} }\n`;

    expect(problemsOf(text)).toEqual(
      problems.map((problem) => `countersign.yaml:3:40: injection.wrapped: ${problem}`),
    );
    const loaded = readConfig(text, FILE);
    expect(loaded.ok && loaded.config.injection.wrapped).toEqual(
      loaded.ok && { wrapTTLSeconds: 120, perOwner: { burst: 50, perMinute: 60 } },
    );
  });

  it('aliases that multiply are refused quickly', () => {
    const lines = Array.from(
      { length: 12 },
      (_, level) => `a${level}: &a${level} [${`*a${level - 1},`.repeat(level === 0 ? 0 : 9)} x]`,
    );
    expect(problemsOf(lines.join('\n'))).toEqual([
      expect.stringContaining('aliases refer to more than 100 values'),
    ]);
  });

  it('never quote the value that was found', () => {
    const secret = 'hvs.precious-precious-precious';
    const text = `webhook: { address: ${secret}, tls: ${secret}, caller: { mode: ${secret}, segment: ${secret} } }\nlog: ${secret}\n`;
    expect(problemsOf(text).join('\n')).not.toContain('precious');
  });
});

describe('a file', () => {
  it('that is not there is a problem and no exception', () => {
    expect(loadConfig(join(folder.path, 'gone.yaml'))).toMatchObject({
      ok: false,
      problems: [{ position: undefined, message: 'cannot be read (ENOENT)' }],
    });
  });

  it('is read from its place', () => {
    writeFileSync(FILE, `${LAPTOP}policies: { dir: policies }\n`);
    expect(loadConfig(FILE)).toMatchObject({
      ok: true,
      config: { policies: { dir: join(folder.path, 'policies') } },
    });
  });

  it('that stands where a folder is expected is a problem', () => {
    expect(problemsOf(`${LAPTOP}policies: { dir: key }\n`)).toEqual([
      expect.stringContaining('policies.dir: cannot be read (ENOTDIR)'),
    ]);
  });
});
