/** The cluster's real node, as a test file of the project `node` sees it: pods that run. */
import { expect, inject, vi } from 'vitest';
import type { ClusterClient } from '../../scripts/cluster/client.ts';
import { nodeAddress } from '../../scripts/cluster/place.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import { newNamespace, sharedCluster } from './cluster.ts';
import { type Restartable, restartProgram } from './node-control.ts';
import { nodeImages } from './node-images.ts';
import { type ContainerStatus, statusOf } from './node-status.ts';

export interface PodSpec {
  readonly name: string;
  readonly namespace: string;
  readonly annotations?: JsonObject;
  /** `api` when absent. */
  readonly account?: string;
  /** What the container `app` runs: a script for its shell. */
  readonly script: string;
  /** Over the container `app`. */
  readonly container?: JsonObject;
  /** Over the pod's spec. */
  readonly spec?: JsonObject;
}

interface Executed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningPod {
  readonly namespace: string;
  readonly name: string;
  read(): Promise<JsonObject>;
  /** Waits for a phase: `Running`, `Succeeded`, `Failed`. The error says what the pod's containers and events say. */
  until(phase: string, milliseconds?: number): Promise<void>;
  /** What the pod's status says of a container, init containers included. */
  status(container: string): Promise<ContainerStatus>;
  /** Of the container `app` when none is named. */
  logs(container?: string): Promise<string>;
  /** The command's code and output; it may fail. */
  exec(command: readonly string[], container?: string): Promise<Executed>;
  /** Waits until the pod is gone, which its grace period delays. */
  delete(): Promise<void>;
}

export interface CompletedJob {
  /** What kubectl said of it. */
  readonly said: string;
  readonly pods: readonly JsonObject[];
}

export interface TestNode {
  readonly cluster: ClusterClient;
  /** Where pods reach what listens in this process's network. */
  readonly address: string;
  /** The folder with the logs of kubelet, containerd and pods, and the pods' volumes. */
  readonly dir: string;
  /** A namespace with Pod Security "restricted", a ResourceQuota, a LimitRange and the account `api`. */
  newRestrictedNamespace(): Promise<string>;
  runPod(spec: PodSpec): Promise<RunningPod>;
  /** One that is tried once, until it is complete. */
  runJob(spec: PodSpec): Promise<CompletedJob>;
  pod(namespace: string, name: string): RunningPod;
  restart(program: Restartable): Promise<void>;
}

const phaseMilliseconds = 90_000;

export function sharedNode(): TestNode {
  const cluster = sharedCluster();
  const dir = inject('nodeDir');

  async function create(...objects: readonly object[]): Promise<void> {
    await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify(list(objects)) });
  }

  async function newRestrictedNamespace(): Promise<string> {
    const namespace = await newNamespace(cluster, { 'pod-security.kubernetes.io/enforce': 'restricted' });
    await create(...tenancy(namespace));
    return namespace;
  }

  return {
    cluster,
    address: nodeAddress,
    dir,
    newRestrictedNamespace,
    async runPod(spec) {
      await create(podObject(spec));
      return podIn(cluster, spec.namespace, spec.name);
    },
    async runJob({ namespace, name, ...pod }) {
      const spec = { backoffLimit: 0, template: podTemplate(pod) };
      await create({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace }, spec });
      const where = ['-n', namespace];
      const complete = ['--for=condition=Complete', '--timeout=90s'];
      const { stdout: said } = await cluster.kubectl(['wait', `job/${name}`, ...where, ...complete]);
      const asked = ['get', 'pods', ...where, '-l', `job-name=${name}`, '-o', 'json'];
      const { items } = objectOf(JSON.parse((await cluster.kubectl(asked)).stdout));
      return { said, pods: listOf(items).map(objectOf) };
    },
    pod: (namespace, name) => podIn(cluster, namespace, name),
    restart: (program) => restartProgram(dir, program),
  };
}

function podIn(cluster: ClusterClient, namespace: string, name: string): RunningPod {
  const where = ['-n', namespace];
  async function read(): Promise<JsonObject> {
    const { stdout } = await cluster.kubectl(['get', 'pod', name, ...where, '-o', 'json']);
    return objectOf(JSON.parse(stdout));
  }
  async function story(): Promise<string> {
    const { stdout } = await cluster.kubectl(['describe', 'pod', name, ...where]);
    return stdout;
  }
  return {
    namespace,
    name,
    read,
    async status(container) {
      return statusOf(await read(), container);
    },
    async until(phase, milliseconds = phaseMilliseconds) {
      let last = '';
      const reached = async () =>
        (last = textOf(objectOf((await read())['status'])['phase']) ?? '') === phase;
      // Also in a hook, where there is no expect.poll.
      await vi
        .waitFor(async () => expect((await reached()) || isOver(last)).toBe(true), {
          timeout: milliseconds,
          interval: 200,
        })
        .catch(() => undefined);
      if (last !== phase) throw new Error(`${namespace}/${name} is ${last}, not ${phase}\n${await story()}`);
    },
    async logs(container = 'app') {
      return (await cluster.kubectl(['logs', name, ...where, '-c', container])).stdout;
    },
    exec: (command, container = 'app') =>
      cluster.kubectl(['exec', name, ...where, '-c', container, '--', ...command], { allowFailure: true }),
    async delete() {
      await cluster.kubectl(['delete', 'pod', name, ...where, '--timeout=90s']);
    },
  };
}

function isOver(phase: string): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** A pod as restricted namespaces take it, of an image that knows nothing of us. */
function podObject(pod: PodSpec): JsonObject {
  const { name, namespace, annotations = {} } = pod;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, annotations }, spec: podSpec(pod) };
}

/** The same as the template of a Job or a Deployment. */
export function podTemplate(pod: Omit<PodSpec, 'name' | 'namespace'>): JsonObject {
  return { metadata: { annotations: pod.annotations ?? {} }, spec: podSpec(pod) };
}

function podSpec({
  account = 'api',
  script,
  container,
  spec,
}: Omit<PodSpec, 'name' | 'namespace'>): JsonObject {
  return {
    serviceAccountName: account,
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 5,
    containers: [{ ...toolsContainer('app', script), ...container }],
    ...spec,
  };
}

/** A shell's script, in a container that restricted namespaces take. */
export function toolsContainer(name: string, script: string): JsonObject {
  return {
    name,
    image: nodeImages.tools,
    imagePullPolicy: 'Never',
    command: ['/bin/sh', '-c', script],
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

function tenancy(namespace: string): readonly object[] {
  const amounts = { cpu: '50m', memory: '64Mi' };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace } },
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'quota', namespace },
      spec: {
        hard: {
          pods: '20',
          'requests.cpu': '2',
          'requests.memory': '4Gi',
          'limits.cpu': '20',
          'limits.memory': '8Gi',
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'limits', namespace },
      spec: {
        limits: [{ type: 'Container', defaultRequest: amounts, default: { cpu: '1', memory: '128Mi' } }],
      },
    },
  ];
}

function list(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', items };
}

/** The events of a namespace, as a person sees them. */
export async function eventsOf({ cluster }: TestNode, namespace: string): Promise<string> {
  return (await cluster.kubectl(['get', 'events', '-n', namespace, '-o', 'json'])).stdout;
}

export function containerNames(pod: JsonObject, field: 'containers' | 'initContainers'): readonly string[] {
  return listOf(objectOf(pod['spec'])[field]).map((container) => textOf(objectOf(container)['name']) ?? '');
}
