import * as fc from 'fast-check';
import type { JsonObject } from '../../../../src/core/json.ts';
import { containers, crowd, ephemeral } from './containers.ts';
import { anyName, hostileKey, label, text } from './hostile.ts';
import { request } from './request.ts';

/** Pods with a request for credentials that can be met. */

export interface Asking {
  readonly pod: JsonObject;
  readonly annotations: Readonly<Record<string, string>>;
}

/** An `emptyDir` of one container's own, above the place of our files. */
const SCRATCH = 'scratch-of-its-own';
const MESHES = [[], ['istio-proxy'], ['linkerd-proxy', 'istio-proxy']] as const;

const optional = <T>(value: fc.Arbitrary<T>) => fc.oneof(fc.constantFrom(undefined, null), value);

const volume = fc.oneof(
  fc.record({ name: anyName, emptyDir: fc.constant({}) }),
  fc.record({ name: anyName, projected: fc.jsonValue({ maxDepth: 2 }) }),
  fc.record({ name: anyName, hostPath: fc.record({ path: text }) }),
);

/** Of the pod as a whole. */
const around = {
  volumes: optional(fc.array(volume, { maxLength: 3 })),
  securityContext: optional(
    fc.record({ runAsUser: fc.constantFrom(0, 1000), fsGroup: fc.constantFrom(0, 3000) }),
  ),
  ephemeralContainers: optional(ephemeral),
  os: optional(fc.constantFrom({ name: 'linux' }, {})),
  nodeSelector: optional(fc.constantFrom({ 'kubernetes.io/os': 'linux' }, { zone: 'windows' })),
  runtimeClassName: optional(fc.constantFrom('gvisor', '')),
  resources: optional(fc.constantFrom({}, { limits: { cpu: '4', memory: '4Gi' } })),
};

export const asking: fc.Arbitrary<Asking> = fc
  .record({
    names: fc.uniqueArray(label, { minLength: 3, maxLength: 6 }),
    inits: fc.constantFrom('some', 'null', 'absent'),
    mesh: fc.constantFrom(...MESHES),
    consumer: fc.constantFrom('regular', 'init'),
    resources: fc.constantFrom('any', 'guaranteed'),
    scratch: fc.constantFrom(undefined, '/run', '/var', '/var/run/secrets'),
    others: fc.dictionary(hostileKey, text, { maxKeys: 3 }),
    labels: optional(fc.dictionary(hostileKey, text, { maxKeys: 2 })),
    owner: fc.constantFrom(undefined, 'Job', 'ReplicaSet'),
    more: fc.dictionary(hostileKey, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
  })
  .chain(({ names, inits, mesh, consumer, resources, scratch, others, labels, owner, more }) => {
    const [first = '', ...regular] = names;
    const initNames = [first, ...mesh];
    const reader = consumer === 'init' && inits === 'some' ? first : (regular.at(-1) ?? '');
    const behind = inits === 'some' && reader !== first ? initNames : [];
    return fc
      .record({
        request: request(reader, behind, regular[0] ?? ''),
        containers: containers(regular, resources),
        initContainers:
          inits === 'some'
            ? containers(initNames, resources)
            : fc.constant(inits === 'null' ? null : undefined),
        crowd: resources === 'guaranteed' ? fc.constant([]) : crowd,
        ...around,
      })
      .map(({ request: annotations, crowd: many, ...spec }) => {
        const whole = { ...spec, containers: [...many, ...spec.containers] };
        return {
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
            spec: { ...more, ...(scratch === undefined ? whole : withScratch(whole, scratch)) },
          }),
        };
      });
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

/** On the wire: no `undefined`, plain prototypes, `__proto__` as an own key. */
function overTheWire(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
