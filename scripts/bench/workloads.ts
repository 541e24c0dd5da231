import type { JsonObject } from '../../src/core/json.ts';
import type { WorkloadKind } from '../../src/facts/kinds.ts';
import { metadataOf, uidOf } from './metadata.ts';
import { pick, type Random, randomOf } from './random.ts';
import { accountName, heldBy, type Made, namespaceOf, type WorldSize } from './world.ts';

/** The workloads of such a cluster, two an account: most often a Deployment and its ReplicaSet. */

const FIRST = [
  'Deployment',
  'Deployment',
  'Deployment',
  'Deployment',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'Job',
] as const satisfies readonly WorkloadKind[];

const API_VERSIONS: Readonly<Record<WorkloadKind, string>> = {
  Deployment: 'apps/v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  ReplicationController: 'v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
};

/** @param revision another number, another image and other needs. */
export function makeWorkload(size: WorldSize, at: number, revision = 0): Made {
  const account = Math.floor(at / 2) % size.accounts;
  const first = pick(FIRST, randomOf('kind', account));
  const kind: WorkloadKind = at % 2 === 0 ? first : first === 'Deployment' ? 'ReplicaSet' : 'Deployment';
  const template = templateOf(size, account, revision);
  const metadata = metadataOf(kind, at, {
    name: kind === 'ReplicaSet' ? `${accountName(account)}-5d8f6b9c7` : `${accountName(account)}-${at % 2}`,
    namespace: namespaceOf(size, account),
  });
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: `${accountName(account)}-0`,
    uid: uidOf('Deployment', at - 1),
  };
  const owners =
    kind === 'ReplicaSet'
      ? { ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }] }
      : {};
  return {
    kind,
    object: {
      apiVersion: API_VERSIONS[kind],
      kind,
      metadata: { ...metadata, ...owners },
      spec: specOf(kind, template),
      status: {
        observedGeneration: 3,
        replicas: 2,
        readyReplicas: 2,
        conditions: [{ type: 'Available', status: 'True' }],
      },
    },
  };
}

function specOf(kind: WorkloadKind, template: JsonObject): JsonObject {
  if (kind === 'CronJob') return { schedule: '0 3 * * *', jobTemplate: { spec: { template } } };
  return kind === 'Job' ? { parallelism: 1, template } : { replicas: 2, template };
}

function templateOf(size: WorldSize, account: number, revision: number): JsonObject {
  const random = randomOf('template', account, revision);
  const needs = random() < 0.8 ? { 'countersign.dev/needs': needsOf(size, account, random) } : {};
  const containers = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, at) =>
    container(at, account, revision),
  );
  return {
    metadata: {
      labels: {
        'app.kubernetes.io/name': accountName(account),
        'app.kubernetes.io/version': `1.${revision}`,
      },
      annotations: {
        'prometheus.io/scrape': 'true',
        'checksum/config': `${account}`.padStart(64, '0'),
        ...needs,
      },
    },
    spec: {
      serviceAccountName: accountName(account),
      containers,
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
    },
  };
}

function container(at: number, account: number, revision: number): JsonObject {
  const env = Array.from({ length: 8 }, (_, variable) => ({
    name: `SETTING_${variable}`,
    value: `value-${variable}`,
  }));
  const probe = {
    httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' },
    periodSeconds: 10,
    failureThreshold: 3,
  };
  return {
    name: `container-${at}`,
    image: `registry.example/team/app-${account % 500}:1.${revision}`,
    env,
    ports: [{ name: 'http', containerPort: 8080 + at, protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    readinessProbe: probe,
    livenessProbe: probe,
    volumeMounts: [{ name: 'config', mountPath: '/etc/app', readOnly: true }],
  };
}

/** Most of what is held, one line a resource; now and then something that is not. */
function needsOf(size: WorldSize, account: number, random: Random): string {
  const careful = random() < 0.6;
  const lines = heldBy(size, account)
    .filter(() => careful || random() < 0.7)
    .flatMap(({ verbs, apiGroups: [group = ''], resources, resourceNames, everywhere }) =>
      resources.map((resource) => {
        const names = resourceNames.length === 0 ? '' : ` named ${resourceNames.join(',')}`;
        return `${verbs.join(',')} ${named(resource, group)}${names}${everywhere ? ' everywhere' : ''}`;
      }),
    );
  return [...lines, ...(random() < 0.1 ? ['get nodes'] : [])].join('\n');
}

/** `pods/log` of `apps` is written `pods.apps/log`. */
function named(resource: string, group: string): string {
  const [name = '', subresource] = resource.split('/');
  const full = group === '' ? name : `${name}.${group}`;
  return subresource === undefined ? full : `${full}/${subresource}`;
}
