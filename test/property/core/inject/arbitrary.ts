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

const CREDENTIALS = fc.constantFrom(
  'secret/data/app',
  'database/creds/app',
  'write pki/issue/x cn="a b" ttl=1h',
);
const LASTING = {
  'countersign.dev/notify': fc.constantFrom('http://127.0.0.1:8080/reload', 'http://[::1]/'),
  'countersign.dev/rotate': fc.constantFrom('restart', 'none'),
};

/**
 * What a pod may ask, right in every way.
 * @param container one that it has
 * @param inits those that our containers may stand behind
 * @param other a regular container
 */
export function request(
  container: string,
  inits: readonly string[],
  other: string,
): fc.Arbitrary<Readonly<Record<string, string>>> {
  const outputs = fc.record(
    {
      'countersign.dev/file.main': fileText,
      'countersign.dev/file..env': fileText,
      'countersign.dev/env.DB_PASSWORD': fc.constantFrom('db.password', 'db.tls.crt|base64'),
      'countersign.dev/env._x': fc.constant('db.x'),
      'countersign.dev/identity.jwt': fc.constantFrom(
        'shop',
        'shop aud="a b" scope=x,y',
        'shop aud=https://x',
      ),
      'countersign.dev/token': fc.constantFrom('file', 'env', 'none'),
      'countersign.dev/containers': fc.constant(container),
      'countersign.dev/order': fc.constantFrom('auto', 'first', ...inits.map((name) => `after:${name}`)),
      'countersign.dev/vault': fc.constantFrom('default', 'far'),
      'countersign.dev/needs': fc.constant('get pods'),
    },
    { requiredKeys: ['countersign.dev/file.main'] },
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
      more: fc.record(LASTING, { requiredKeys: [] }),
    })
    .map(({ credential, agent, more }) => ({
      'countersign.dev/credential.db': credential,
      'countersign.dev/refresh.db': '1m30s',
      'countersign.dev/env.MORE': 'db.more',
      'countersign.dev/containers.db': container,
      'countersign.dev/containers': container,
      'countersign.dev/agent': agent,
      ...more,
    }));
  const inject = fc.constantFrom('true', 'login', 'wrapped');
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
    .tuple(outputs, fc.oneof(once, lasting), elsewhere)
    .map(([files, credential, more]) => ({ ...files, ...credential, ...more }));
  return fc
    .tuple(inject, fc.oneof({ arbitrary: fc.constant({}), weight: 1 }, { arbitrary: credentials, weight: 4 }))
    .map(([word, others]) => ({ 'countersign.dev/inject': word, ...others }));
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

/** An `emptyDir` of one container's own, above the place of our files. */
const SCRATCH = 'scratch-of-its-own';

export const asking: fc.Arbitrary<Asking> = fc
  .record({
    names: fc.uniqueArray(label, { minLength: 3, maxLength: 6 }),
    inits: fc.constantFrom('some', 'null', 'absent'),
    mesh: fc.boolean(),
    consumer: fc.constantFrom('regular', 'init'),
    scratch: fc.constantFrom(undefined, '/run', '/var', '/var/run/secrets'),
    others: fc.dictionary(hostileKey, text, { maxKeys: 3 }),
    labels: optional(fc.dictionary(hostileKey, text, { maxKeys: 2 })),
    owner: fc.constantFrom(undefined, 'Job', 'ReplicaSet'),
    more: fc.dictionary(hostileKey, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
  })
  .chain(({ names, inits, mesh, consumer, scratch, others, labels, owner, more }) => {
    const [first = '', ...regular] = names;
    const initNames = mesh ? [first, 'istio-proxy'] : [first];
    const reader = consumer === 'init' && inits === 'some' ? first : (regular.at(-1) ?? '');
    const behind = inits === 'some' && reader !== first ? initNames : [];
    return fc
      .record({
        request: request(reader, behind, regular[0] ?? ''),
        containers: containers(regular),
        initContainers:
          inits === 'some' ? containers(initNames) : fc.constant(inits === 'null' ? null : undefined),
        volumes: optional(fc.array(fc.record({ name: label, emptyDir: fc.constant({}) }), { maxLength: 2 })),
        securityContext: optional(fc.record({ runAsUser: fc.constantFrom(0, 1000) })),
      })
      .map(({ request: annotations, ...spec }) => ({
        annotations,
        pod: overTheWire({
          kind: 'Pod',
          ...more,
          metadata: {
            name: 'x',
            ...more,
            labels,
            ...(owner !== undefined && { ownerReferences: [{ kind: owner, controller: true }] }),
            annotations: { ...others, ...annotations },
          },
          spec: { ...more, ...(scratch === undefined ? spec : withScratch(spec, scratch)) },
        }),
      }));
  });

interface Spec {
  readonly volumes: readonly JsonObject[] | null | undefined;
  readonly containers: readonly JsonObject[];
}

function withScratch<S extends Spec>(spec: S, mountPath: string): S {
  const mount = { name: SCRATCH, mountPath };
  const mounts = (container: JsonObject) =>
    Array.isArray(container['volumeMounts']) ? container['volumeMounts'] : [];
  const last = spec.containers.length - 1;
  return {
    ...spec,
    volumes: [...(spec.volumes ?? []), { name: SCRATCH, emptyDir: {} }],
    containers: spec.containers.map((container, at) =>
      at === last ? { ...container, volumeMounts: [...mounts(container), mount] } : container,
    ),
  };
}
