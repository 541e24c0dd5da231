/** Pods that are refused with the lines in the last table of docs/injection.md: what each has beside a plain request. */
import type { JsonObject } from '../../src/core/json.ts';

interface RefusedPod {
  /** Below `countersign.dev/`; over those of the plain request. `undefined` takes one away. */
  readonly annotations?: Readonly<Record<string, string | undefined>>;
  readonly spec?: JsonObject;
}

const variable = { 'file.password': undefined, 'env.DB_PASSWORD': 'db.password' };

/** In the order of the table. */
export const refusedPods: readonly RefusedPod[] = [
  { annotations: { inject: undefined } },
  { annotations: { inject: 'wrapped' } },
  { annotations: { vault: 'eu' } },
  { annotations: { 'credential.mail': 'secret/data/shop/mail' } },
  { annotations: { containers: 'app' } },
  { annotations: { order: 'after:proxy' } },
  { annotations: variable, spec: { runtimeClassName: 'kata' } },
  { spec: { os: { name: 'windows' } } },
];

/** The Pod as it is applied. */
export function refusedPod({ annotations = {}, spec = {} }: RefusedPod): JsonObject {
  const plain = {
    inject: 'true',
    'credential.db': 'secret/data/shop/db',
    'file.password': 'db.password',
  };
  const entries = Object.entries({ ...plain, ...annotations }).flatMap(([name, value]) =>
    value === undefined ? [] : [[`countersign.dev/${name}`, value] as const],
  );
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'cart', namespace: 'shop', annotations: Object.fromEntries(entries) },
    spec: { serviceAccountName: 'cart', containers: [{ name: 'cart', image: 'busybox' }], ...spec },
  };
}
