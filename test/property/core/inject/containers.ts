import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../../../src/core/json.ts';
import { anyName, hostileKey, text } from './hostile.ts';

/** Containers as people, controllers and other webhooks may have left them. */

const MOUNT_PATHS = [
  '/data',
  '/etc/x',
  '/tmp/../srv//',
  '/var/run/secrets/kubernetes.io/serviceaccount',
  // Beside the place of our files, not in it.
  '/var/run/secrets/countersign.developers',
  '/run/../data',
] as const;

const mount = fc.record(
  {
    name: anyName,
    mountPath: fc.constantFrom(...MOUNT_PATHS),
    readOnly: fc.boolean(),
    subPath: text,
    mountPropagation: fc.constantFrom('None', 'HostToContainer', 'x'),
  },
  { requiredKeys: ['name', 'mountPath'] },
);

/** Of the container's own; none is called as one that `request` asks for. */
const variable = fc.oneof(
  fc.record({ name: anyName, value: text }),
  fc.record({ name: fc.constantFrom('PATH', 'NODE_OPTIONS', 'db_password', 'A=B'), value: text }),
  fc.record({ name: anyName, valueFrom: fc.jsonValue({ maxDepth: 2 }) }),
  fc.record({
    name: anyName,
    valueFrom: fc.record({
      fileKeyRef: fc.record({
        volumeName: fc.constantFrom('data', 'countersign', ''),
        path: text,
        key: text,
        optional: fc.boolean(),
      }),
    }),
  }),
);

const CPU_AND_MEMORY = { cpu: '1', memory: '1Gi' } as const;
const guaranteed = fc.constantFrom<JsonObject>(
  { limits: CPU_AND_MEMORY },
  { limits: CPU_AND_MEMORY, requests: CPU_AND_MEMORY },
  { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '0.5', memory: '65536Ki' } },
  { limits: { cpu: 2, memory: 1e9, 'example.com/gpu': '1' } },
);
const quantities = fc.oneof(
  guaranteed,
  fc.constantFrom<JsonObject>(
    {},
    { requests: { cpu: '1m' } },
    { limits: { cpu: '0', memory: '-1' } },
    { limits: { cpu: 'many', memory: null }, requests: 'x' },
    { claims: [{ name: 'gpu' }] },
  ),
);

const fields = {
  image: text,
  volumeMounts: fc.oneof(fc.constant(null), fc.array(mount, { maxLength: 2 })),
  env: fc.oneof(fc.constant(null), fc.array(variable, { maxLength: 2 })),
  envFrom: fc.jsonValue({ maxDepth: 2 }),
  securityContext: fc.record({ runAsUser: fc.constantFrom<Json>(0, 1000, 2000, -1, 1.5, 'x', null) }),
  restartPolicy: fc.constantFrom('Always', 'Never'),
  restartPolicyRules: fc.constant([{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }]),
  more: fc.dictionary(hostileKey, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
};

export type Resources = 'any' | 'guaranteed';

export function containers(
  names: readonly string[],
  resources: Resources,
): fc.Arbitrary<readonly JsonObject[]> {
  return fc.tuple(...names.map((name) => container(name, resources)));
}

function container(name: string, resources: Resources): fc.Arbitrary<JsonObject> {
  const any = { ...fields, resources: resources === 'guaranteed' ? guaranteed : quantities };
  return fc
    .record(any, { requiredKeys: resources === 'guaranteed' ? ['resources'] : [] })
    .map(({ more, ...rest }) => ({ name, ...rest, ...(more && { more }) }));
}

/** Containers of nobody's choice: many at times, of whatever names; each has a list of mounts that nothing is wrong with. */
export const crowd: fc.Arbitrary<readonly JsonObject[]> = fc.oneof(
  { arbitrary: fc.constant([]), weight: 40 },
  {
    arbitrary: fc.array(
      anyName.map((name) => ({ name })),
      { maxLength: 3 },
    ),
    weight: 10,
  },
  {
    arbitrary: fc
      .integer({ min: 50, max: 900 })
      .map((count) => Array.from({ length: count }, (_, at) => ({ name: `one-${at}`, volumeMounts: [] }))),
    weight: 1,
  },
);

/** What `kubectl debug` adds to a pod that runs; theirs are none of ours. */
export const ephemeral: fc.Arbitrary<readonly JsonObject[]> = fc.array(
  fc.record(
    { name: anyName, targetContainerName: anyName, volumeMounts: fc.array(mount, { maxLength: 1 }) },
    { requiredKeys: ['name'] },
  ),
  { maxLength: 2 },
);
