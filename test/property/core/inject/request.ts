import * as fc from 'fast-check';
import { text } from './hostile.ts';

/** What a pod may ask, right in every way: each annotation, each form of its value. */

const template = fc
  .array(
    fc.oneof(
      text.map((plain) => plain.replaceAll('{', '{{').replaceAll('}', '}}')),
      fc.constantFrom('{db.password|json}', '{db.password|url}', '{db.x|base64}'),
    ),
  )
  .map((parts) => `${parts.join('')}{db.user}`);

const fileText = fc.oneof(fc.constantFrom('db', 'db.password', 'db.tls.crt', ' db.x '), template);

const CREDENTIALS = fc.oneof(
  fc.constantFrom(
    'secret/data/app',
    'team/kv/data/app',
    'database/creds/app',
    '"secret/data/a b"',
    'write pki/issue/x cn="a b" ttl=1h',
  ),
  fc.string({ maxLength: 20 }).map((value) => `write a/b key=${JSON.stringify(value)}`),
);
const LASTING = {
  'countersign.dev/notify': fc.constantFrom(
    'http://127.0.0.1:8080/reload',
    'http://[::1]/',
    'http://localhost/a?b=%20',
  ),
  'countersign.dev/rotate': fc.constantFrom('restart', 'none'),
};

const outputs = fc.record(
  {
    'countersign.dev/file.main': fileText,
    'countersign.dev/file..env': fileText,
    'countersign.dev/file.__proto__': fileText,
    'countersign.dev/env.DB_PASSWORD': fc.constantFrom('db.password', 'db.tls.crt|base64'),
    'countersign.dev/env.hasOwnProperty': fc.constant('db.password'),
    'countersign.dev/env._x': fc.constant('db.x'),
    'countersign.dev/identity.jwt': fc.constantFrom('shop', 'shop aud="a b" scope=x,y', 'shop aud=https://x'),
    'countersign.dev/token': fc.constantFrom('file', 'env', 'none'),
  },
  { requiredKeys: ['countersign.dev/file.main'] },
);

/** For no container in particular. */
const elsewise = {
  'countersign.dev/vault': fc.constantFrom('default', 'far'),
  'countersign.dev/vault-role': fc.constantFrom('shop_api', 'x.y-z'),
  'countersign.dev/needs': fc.constant('get pods'),
  'countersign.dev/break-glass': fc.constantFrom('INC-1', ''),
};

/**
 * @param container one that it has
 * @param inits those that our containers may stand behind
 * @param other a regular container
 */
export function request(
  container: string,
  inits: readonly string[],
  other: string,
): fc.Arbitrary<Readonly<Record<string, string>>> {
  const places = fc.record(
    {
      'countersign.dev/containers': fc.constant(container),
      'countersign.dev/order': fc.constantFrom('auto', 'first', ...inits.map((name) => `after:${name}`)),
      ...elsewise,
    },
    { requiredKeys: [] },
  );
  const once = fc.record(
    {
      'countersign.dev/credential.db': CREDENTIALS,
      'countersign.dev/agent': fc.constantFrom('auto', 'sidecar', 'init'),
    },
    { requiredKeys: ['countersign.dev/credential.db'] },
  );
  const lasting = fc
    .record({
      credential: CREDENTIALS,
      agent: fc.constantFrom('auto', 'sidecar'),
      refresh: fc.constantFrom('10s', '1m30s', '168h'),
      more: fc.record(LASTING, { requiredKeys: [] }),
    })
    .map(({ credential, agent, refresh, more }) => ({
      'countersign.dev/credential.db': credential,
      'countersign.dev/refresh.db': refresh,
      'countersign.dev/env.MORE': 'db.more',
      'countersign.dev/containers.db': container,
      'countersign.dev/containers': container,
      'countersign.dev/agent': agent,
      ...more,
    }));
  /** A credential of another container's, beside those in files. */
  const elsewhere = fc.constantFrom(
    {},
    {
      'countersign.dev/credential.tls': 'secret/data/tls',
      'countersign.dev/env.TLS_KEY': 'tls.key',
      'countersign.dev/containers.tls': other,
    },
  );
  const credentials = fc
    .tuple(outputs, places, fc.oneof(once, lasting), elsewhere)
    .map(([files, where, credential, more]) => ({ ...files, ...where, ...credential, ...more }));
  const others = fc.oneof({ arbitrary: fc.constant({}), weight: 1 }, { arbitrary: credentials, weight: 4 });
  return fc
    .tuple(fc.constantFrom('true', 'login', 'wrapped'), others)
    .map(([word, more]) => ({ 'countersign.dev/inject': word, ...more }));
}
