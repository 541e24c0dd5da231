/** Pods that the API server takes, of all kinds, with any request that is right. */
import * as fc from 'fast-check';
import type { JsonObject } from '../../src/core/json.ts';
import { text } from '../property/core/inject/hostile.ts';
import { request } from '../property/core/inject/request.ts';

const GUARANTEED = { cpu: '500m', memory: '64Mi' } as const;
const resources = fc.constantFrom<JsonObject>(
  {},
  { requests: { cpu: '1m' } },
  { limits: { cpu: '1', memory: '1Gi' } },
  { limits: GUARANTEED, requests: { cpu: '0.5', memory: '65536Ki' } },
);

const entry = fc.oneof(
  fc.record({ name: fc.constantFrom('URL', 'a.b-c', '"', 'PATH'), value: text }),
  fc.constantFrom<JsonObject>(
    { name: 'URL', value: 'db://$(DB_PASSWORD)' },
    { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'KEY', valueFrom: { secretKeyRef: { name: 'x', key: 'y', optional: true } } },
    { name: 'OWN', valueFrom: { fileKeyRef: { volumeName: 'data', path: 'a/b', key: 'K' } } },
  ),
);
const mount = fc.constantFrom<JsonObject>(
  { name: 'data', mountPath: '/data' },
  { name: 'data', mountPath: '/data/x', subPath: 'x', readOnly: true },
  { name: 'config', mountPath: '/etc/config', mountPropagation: 'HostToContainer' },
  { name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
  { name: 'token', mountPath: '/var/run/secrets/countersign.developers' },
);

function container(name: string, guaranteed: boolean): fc.Arbitrary<JsonObject> {
  const fields = {
    env: fc.array(entry, { maxLength: 3 }),
    envFrom: fc.constant([{ configMapRef: { name: 'x', optional: true } }]),
    resources: guaranteed ? fc.constant({ limits: GUARANTEED }) : resources,
    securityContext: fc.record({ runAsUser: fc.constantFrom(0, 1000, 2000) }),
    volumeMounts: fc.uniqueArray(mount, { maxLength: 3, selector: ({ mountPath }) => mountPath }),
    tty: fc.boolean(),
    livenessProbe: fc.constant({ exec: { command: ['true'] }, periodSeconds: 7 }),
  };
  const { livenessProbe: _none, ...ofInit } = fields;
  return fc
    .record(name === 'migrate' ? ofInit : fields, { requiredKeys: guaranteed ? ['resources'] : [] })
    .map((rest) => ({ name, image: 'app:1', ...rest }));
}

const around = fc.record(
  {
    restartPolicy: fc.constantFrom('Always', 'OnFailure', 'Never'),
    automountServiceAccountToken: fc.boolean(),
    enableServiceLinks: fc.boolean(),
    shareProcessNamespace: fc.boolean(),
    hostNetwork: fc.boolean(),
    os: fc.constant({ name: 'linux' }),
    nodeSelector: fc.constant({ 'kubernetes.io/os': 'linux' }),
    tolerations: fc.constant([{ operator: 'Exists' }]),
    priority: fc.constant(0),
    resources: fc.constant({ limits: { cpu: '64', memory: '64Gi' } }),
    securityContext: fc.record(
      { runAsUser: fc.constantFrom(0, 1000), fsGroup: fc.constant(3000), runAsNonRoot: fc.constant(false) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const VOLUMES = [
  { name: 'data', emptyDir: {} },
  { name: 'config', configMap: { name: 'x', optional: true } },
  {
    name: 'token',
    projected: {
      sources: [{ serviceAccountToken: { audience: 'other', expirationSeconds: 3600, path: 't' } }],
    },
  },
] as const;
const longName = 'x'.repeat(63);

/** @param namespace which has the account `api` */
export function anyPod(namespace: string): fc.Arbitrary<object> {
  return fc.boolean().chain((guaranteed) =>
    fc
      .record({
        annotations: request('api', ['vpn', 'migrate'], 'log'),
        others: fc.dictionary(fc.constantFrom('a', 'zone.example/a.b_c', 'vault.example/x'), text, {
          maxKeys: 2,
        }),
        containers: fc.tuple(container('api', guaranteed), container('log', guaranteed)),
        crowd: fc.constantFrom<readonly string[]>(
          [],
          [],
          [],
          [longName],
          Array.from({ length: 60 }, (_, at) => `c${at}`),
        ),
        init: fc.tuple(container('vpn', guaranteed), container('migrate', guaranteed)),
        around,
      })
      .map(({ annotations, others, containers, crowd, init: [vpn, migrate], around: spec }) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          generateName: 'any-',
          namespace,
          annotations: { ...others, ...understood(annotations) },
        },
        spec: {
          ...spec,
          serviceAccountName: 'api',
          containers: [
            ...containers,
            ...crowd.map((name) => ({
              name,
              image: 'app:1',
              ...(guaranteed && { resources: { limits: GUARANTEED } }),
            })),
          ],
          initContainers: [{ ...vpn, restartPolicy: 'Always' }, migrate],
          volumes: VOLUMES,
        },
      })),
  );
}

/** By the API server, whose keys end in a letter or digit, and by a webhook with one connection and a role for each account. */
function understood(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept = Object.entries(annotations).filter(
    ([key]) => /[A-Za-z0-9]$/u.test(key) && !/\/(?:vault|vault-role|break-glass)$/u.test(key),
  );
  return Object.fromEntries(kept);
}
