/** Starts a real node (containerd, kubelet, kube-proxy, and the scheduler that gives it pods) for a cluster. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { missingComponents } from './build.ts';
import type { ClusterClient } from './client.ts';
import { killContainers } from './containers.ts';
import { unmountBelow } from './folder.ts';
import { filesIn, nodeName } from './layout.ts';
import { nodeComponents, nodeProgramPath } from './node-components.ts';
import {
  kubeletFlags,
  type NodeSettings,
  nodeFilesIn,
  schedulerFlags,
  writeNodeFiles,
} from './node-files.ts';
import { nodeAddress, sandboxPlace } from './place.ts';
import { type Supervisor, superviseIn } from './supervised.ts';

export interface NodeOptions {
  /** Archives to import before the first pod: a node has no registry. */
  readonly images: readonly string[];
  /** The name, in one of them, of the image whose one process holds a pod's namespaces. */
  readonly pauseImage: string;
  readonly startSeconds?: number;
}

export interface Node {
  readonly name: string;
  readonly address: string;
  /** The folder with the programs' logs and the pods' logs and volumes. */
  readonly dir: string;
  /** Ends the program in good order and starts it again; pods go on. */
  restart(program: 'containerd' | 'kubelet'): Promise<void>;
  /** Ends the programs in reverse order, then every container that is left. */
  stop(): Promise<void>;
}

interface Running {
  readonly cluster: ClusterClient;
  readonly settings: NodeSettings;
  readonly supervisor: Supervisor;
  readonly startSeconds: number;
}

const defaultStartSeconds = 120;
const pollMilliseconds = 200;
const shownLogLines = 25;
/** Of the sandbox: containerd mounts the containers' roots and network namespaces there. */
const runtimeFolders = ['/run/containerd', '/run/netns'];
/** In the order in which they start. */
const order = ['containerd', 'kube-scheduler', 'kube-proxy', 'kubelet'] as const;
type ProgramName = (typeof order)[number];

const run = promisify(execFile);

/** The cluster has been started with `nodeAddress`, in the sandbox of this process. */
export async function startNode(cluster: ClusterClient, options: NodeOptions): Promise<Node> {
  const { controlGroup } = sandboxPlace();
  const missing = (await missingComponents(undefined, nodeComponents)).map(({ name }) => name);
  if (missing.length > 0) {
    throw new Error(`not built yet: ${missing.join(', ')}; run npm run test:cluster -- --build-only`);
  }
  const dir = await mkdtemp(join(tmpdir(), 'countersign-node-'));
  const settings = { dir, cluster: filesIn(cluster.dir), controlGroup, pauseImage: options.pauseImage };
  const supervisor = superviseIn(dir);
  const running = {
    cluster,
    settings,
    supervisor,
    startSeconds: options.startSeconds ?? defaultStartSeconds,
  };
  try {
    await writeNodeFiles(settings);
    await Promise.race([startPrograms(running, options.images), crashed(supervisor, dir)]);
    void crashed(supervisor, dir).catch((error: Error) => process.stderr.write(`${error.message}\n`));
  } catch (error) {
    await stopNode(running);
    throw error;
  }
  return {
    name: nodeName,
    address: nodeAddress,
    dir,
    async restart(program) {
      await supervisor.end(program);
      start(running, program);
      await untilReady(running, program);
    },
    stop: () => stopNode(running),
  };
}

async function startPrograms(running: Running, images: readonly string[]): Promise<void> {
  await running.cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(apiServerEndpoints(running)) });
  start(running, 'containerd');
  start(running, 'kube-scheduler');
  start(running, 'kube-proxy');
  await untilReady(running, 'containerd');
  for (const image of images) await importImage(image);
  start(running, 'kubelet');
  await untilReady(running, 'kubelet');
}

/** The API server that keeps no record of its addresses has them written by hand, for the service `kubernetes`. */
function apiServerEndpoints({ cluster }: Running): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': 'kubernetes' },
    },
    addressType: 'IPv4',
    ports: [{ name: 'https', port: Number(new URL(cluster.server).port), protocol: 'TCP' }],
    endpoints: [{ addresses: [nodeAddress], conditions: { ready: true } }],
  };
}

const flags: Readonly<Record<ProgramName, (settings: NodeSettings) => readonly string[]>> = {
  containerd: ({ dir }) => [`--config=${nodeFilesIn(dir).containerd}`],
  kubelet: kubeletFlags,
  'kube-scheduler': schedulerFlags,
  'kube-proxy': ({ dir }) => [`--config=${nodeFilesIn(dir).proxy}`],
};

function start({ settings, supervisor }: Running, name: ProgramName): void {
  const { dir } = settings;
  const command = nodeProgramPath(name);
  supervisor.run({ name, command, args: flags[name](settings), cwd: dir, log: logFile(dir, name) });
}

async function untilReady(running: Running, program: 'containerd' | 'kubelet'): Promise<void> {
  const end = Date.now() + running.startSeconds * 1_000;
  const isReady = program === 'containerd' ? isServing : () => isNodeReady(running.cluster);
  while (!(await isReady())) {
    if (Date.now() > end) {
      throw new Error(`${program} was not ready in time; ${await logEnd(running.settings.dir, program)}`);
    }
    await sleep(pollMilliseconds);
  }
}

function isServing(): Promise<boolean> {
  return ctr('version').then(
    () => true,
    () => false,
  );
}

/** What the API server has been told stays true for a while after the kubelet's end. */
async function isNodeReady(cluster: ClusterClient): Promise<boolean> {
  const health = await fetch('http://127.0.0.1:10248/healthz').catch(() => undefined);
  await health?.body?.cancel();
  if (health?.ok !== true) return false;
  const path = '{.status.conditions[?(@.type=="Ready")].status}';
  const asked = ['get', 'node', nodeName, '-o', `jsonpath=${path}`];
  return (await cluster.kubectl(asked, { allowFailure: true })).stdout === 'True';
}

/** The archive's images, into the node of this sandbox. */
export async function importImage(archive: string): Promise<void> {
  await ctr('images', 'import', archive);
}

async function ctr(...args: readonly string[]): Promise<void> {
  await run(nodeProgramPath('ctr'), ['--namespace=k8s.io', ...args]);
}

async function stopNode({ settings, supervisor }: Running): Promise<void> {
  for (const name of order.toReversed()) await supervisor.end(name);
  killContainers(settings.controlGroup, nodeProgramPath('containerd-shim-runc-v2'));
  for (const folder of runtimeFolders) unmountBelow(folder);
  await supervisor.stop();
}

/** Never resolves: it rejects when a program ends by itself. */
async function crashed(supervisor: Supervisor, dir: string): Promise<never> {
  const { name, how } = await supervisor.crash;
  throw new Error(`${name} ended by itself (${how}); ${await logEnd(dir, name)}`);
}

function logFile(dir: string, name: string): string {
  return join(dir, `${name}.log`);
}

async function logEnd(dir: string, name: string): Promise<string> {
  const text = await readFile(logFile(dir, name), 'utf8').catch(() => '');
  return `the end of its log:\n${text.trimEnd().split('\n').slice(-shownLogLines).join('\n')}`;
}
