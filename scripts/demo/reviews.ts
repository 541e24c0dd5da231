import type { Workload } from '../../src/core/admission/workload.ts';
import { type JsonObject, objectOf } from '../../src/core/json.ts';

/** What the API server sends for an object that somebody applies. */
export function reviewOf(object: JsonObject, workload: Workload, username: string): JsonObject {
  const { kind, namespace, name, apiVersion } = workload;
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: crypto.randomUUID(),
      kind: { group, version, kind },
      resource: { group, version, resource: `${kind.toLowerCase()}s` },
      namespace,
      name,
      operation: 'CREATE',
      userInfo: { username, groups: ['system:authenticated'] },
      object,
      oldObject: null,
      dryRun: false,
    },
  };
}

/** The pod that controllers make of a Deployment, as it reaches admission: named by its ReplicaSet, account filled in. */
export function podOf(workload: Workload): JsonObject {
  const { namespace, name, template, account } = workload;
  const replicaSet = `${name}-5d8f6b9c7`;
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: replicaSet,
    uid: crypto.randomUUID(),
    controller: true,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...objectOf(template['metadata']),
      namespace,
      generateName: `${replicaSet}-`,
      ownerReferences: [owner],
    },
    spec: { ...objectOf(template['spec']), serviceAccountName: account.name },
  };
}
