import * as fc from 'fast-check';
import type { JsonObject } from '../../../../src/core/json.ts';

/** Pods as people, controllers and other webhooks may have left them, with a request for credentials. */

const label = fc
  .stringMatching(/^[a-z](?:[a-z0-9-]{0,8}[a-z0-9])?$/)
  .filter((name) => !name.startsWith('countersign'));
const hostileKey = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '',
    '~',
    '/',
    '~1',
    'a/b~c',
    'zone.example/a~1b',
    '-',
    '0',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom('$(HOME)', '$$', '{{x}}', '\u0000', 'é', '"'),
);

const template = fc
  .array(
    fc.oneof(
      text.map((plain) => plain.replaceAll('{', '{{').replaceAll('}', '}}')),
      fc.constant('{db.password|json}'),
    ),
  )
  .map((parts) => `${parts.join('')}{db.user}`);

const fileText = fc.oneof(fc.constantFrom('db', 'db.password', 'db.tls.crt'), template);

/** What a pod may ask, right in every way; `name` is a container that it has. */
function request(name: string): fc.Arbitrary<Readonly<Record<string, string>>> {
  const credentials = fc.record(
    {
      'countersign.dev/credential.db': fc.constantFrom(
        'secret/data/app',
        'write pki/issue/x cn="a b" ttl=1h',
      ),
      'countersign.dev/file.main': fileText,
      'countersign.dev/file..env': fileText,
      'countersign.dev/token': fc.constantFrom('file', 'none'),
      'countersign.dev/containers': fc.constant(name),
      'countersign.dev/order': fc.constantFrom('auto', 'first'),
      'countersign.dev/vault': fc.constantFrom('default', 'far'),
      'countersign.dev/needs': fc.constant('get pods'),
    },
    { requiredKeys: ['countersign.dev/credential.db', 'countersign.dev/file.main'] },
  );
  const inject = fc.constantFrom('true', 'login');
  return fc.tuple(inject, fc.oneof(fc.constant({}), credentials)).map(([word, others]) => ({
    'countersign.dev/inject': word,
    ...others,
  }));
}

const mount = fc.record({
  name: label,
  mountPath: fc.constantFrom('/data', '/etc/x', '/var/run/secrets/kubernetes.io/serviceaccount', '/tmp'),
});
const quantities = fc.constantFrom<JsonObject>(
  {},
  { limits: { cpu: '1', memory: '1Gi' } },
  { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '0.5', memory: '65536Ki' } },
  { requests: { cpu: '1m' } },
);

function container(name: string): fc.Arbitrary<JsonObject> {
  return fc
    .record(
      {
        image: text,
        volumeMounts: fc.oneof(fc.constant(null), fc.array(mount, { maxLength: 2 })),
        env: fc.oneof(fc.constant(null), fc.array(fc.record({ name: label, value: text }), { maxLength: 2 })),
        resources: quantities,
        securityContext: fc.record({ runAsUser: fc.constantFrom(0, 1000, 2000, 'x') }),
        restartPolicy: fc.constantFrom('Always', 'Never'),
        more: fc.dictionary(hostileKey, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
      },
      { requiredKeys: [] },
    )
    .map((fields) => ({ name, ...fields }));
}

const optional = <T>(value: fc.Arbitrary<T>) => fc.oneof(fc.constantFrom(undefined, null), value);
const containers = (names: readonly string[]) => fc.tuple(...names.map(container));

/** On the wire: no `undefined`, plain prototypes, `__proto__` as an own key. */
function overTheWire(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

export interface Asking {
  readonly pod: JsonObject;
  readonly annotations: Readonly<Record<string, string>>;
}

export const asking: fc.Arbitrary<Asking> = fc
  .tuple(
    fc.uniqueArray(label, { minLength: 3, maxLength: 6 }),
    fc.boolean(),
    fc.dictionary(hostileKey, text, { maxKeys: 3 }),
    fc.dictionary(hostileKey, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
  )
  .chain(([names, mesh, others, more]) => {
    const [first = '', ...regular] = names;
    const initNames = mesh ? [first, 'istio-proxy'] : [first];
    return fc
      .record({
        request: request(regular.at(-1) ?? ''),
        containers: containers(regular),
        initContainers: optional(containers(initNames)),
        volumes: optional(fc.array(fc.record({ name: label, emptyDir: fc.constant({}) }), { maxLength: 2 })),
        securityContext: optional(fc.record({ runAsUser: fc.constantFrom(0, 1000) })),
      })
      .map(({ request: annotations, ...spec }) => ({
        annotations,
        pod: overTheWire({
          kind: 'Pod',
          ...more,
          metadata: { name: 'x', ...more, annotations: { ...others, ...annotations } },
          spec: { ...more, ...spec },
        }),
      }));
  });
