/** Starts a real control plane (etcd, API server, controller manager) on loopback, with state that is thrown away. */
import { mkdtemp, readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { missingComponents } from './build.ts';
import { type ClusterClient, connect } from './client.ts';
import { type ComponentName, programPath } from './components.ts';
import { apiServerFlags, type ControlPlane, controllerManagerFlags, etcdFlags } from './flags.ts';
import { type Layout, writeLayout } from './layout.ts';
import { freePort } from './ports.ts';
import { type Supervisor, superviseIn } from './supervised.ts';

export interface ClusterOptions {
  readonly apiServerFlags?: readonly string[];
  readonly startSeconds?: number;
  /** An address of this machine at which a node and its pods reach the API server too. */
  readonly nodeAddress?: string;
}

export interface Cluster extends ClusterClient {
  /** Ends the API server in good order and starts it again; resolves when it is ready. */
  restartApiServer(): Promise<void>;
  /** Ends everything that was started and removes the folder. The same happens when this process ends in any way. */
  stop(): Promise<void>;
}

interface Starting {
  readonly layout: Layout;
  readonly plane: ControlPlane;
  readonly supervisor: Supervisor;
  /** Aborted when the start took too long, or failed in another place. */
  readonly signal: AbortSignal;
}

const defaultStartSeconds = 120;
const pollMilliseconds = 100;
const attempts = 3;
const shownLogLines = 25;
const portTaken = 'address already in use';

/** Throws, with the end of the log of the program that failed, when the cluster does not come up. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const missing = (await missingComponents()).map(({ name }) => name);
  if (missing.length > 0) {
    throw new Error(`not built yet: ${missing.join(', ')}; run npm run test:cluster -- --build-only`);
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Somebody took a port between the look and the use; nothing else is worth another attempt.
      if (attempt === attempts || !String(error).includes(portTaken)) throw error;
    }
  }
}

async function startOnce(options: ClusterOptions): Promise<Cluster> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-cluster-'));
  const supervisor = superviseIn(dir);
  const over = new AbortController();
  const startSeconds = options.startSeconds ?? defaultStartSeconds;
  try {
    const [etcdPort, apiPort] = await Promise.all([freePort(), freePort()]);
    const layout = await writeLayout(dir, apiPort, options.nodeAddress);
    const plane = {
      files: layout.files,
      etcdPort,
      apiPort,
      nodeAddress: options.nodeAddress,
      extraApiServerFlags: options.apiServerFlags ?? [],
    };
    const signal = AbortSignal.any([over.signal, AbortSignal.timeout(startSeconds * 1_000)]);
    await Promise.race([startPrograms({ layout, plane, supervisor, signal }), crashed(supervisor, dir)]);
    // A crash later on is what makes tests fail for reasons that they cannot know.
    void crashed(supervisor, dir).catch((error: Error) => process.stderr.write(`${error.message}\n`));
    const kubeconfig = layout.files.adminKubeconfig;
    const client = connect({ dir, kubeconfig, server: layout.server, caPem: layout.caPem });
    return {
      ...client,
      async restartApiServer() {
        await supervisor.end('kube-apiserver');
        await startApiServer({
          layout,
          plane,
          supervisor,
          signal: AbortSignal.timeout(startSeconds * 1_000),
        });
      },
      stop: () => supervisor.stop(),
    };
  } catch (error) {
    await supervisor.stop();
    throw error;
  } finally {
    over.abort();
  }
}

/** The controller manager comes after the API server, for which it waits no longer than 10 s. */
async function startPrograms(starting: Starting): Promise<void> {
  const { plane } = starting;
  start(starting, 'etcd', etcdFlags(plane));
  await startApiServer(starting);
  start(starting, 'kube-controller-manager', controllerManagerFlags(plane));
  await untilFound(starting, 'kube-controller-manager', '/api/v1/namespaces/default/serviceaccounts/default');
}

async function startApiServer(starting: Starting): Promise<void> {
  start(starting, 'kube-apiserver', apiServerFlags(starting.plane));
  await untilFound(starting, 'kube-apiserver', '/readyz');
}

function start({ plane, supervisor }: Starting, name: ComponentName, args: readonly string[]): void {
  const { dir } = plane.files;
  supervisor.run({ name, command: programPath(name), args, cwd: dir, log: logFile(dir, name) });
}

/** Waits until the API server has what `program` is to make. */
async function untilFound(starting: Starting, program: ComponentName, path: string): Promise<void> {
  const { layout, plane, signal } = starting;
  while ((await statusOf(layout, path)) !== 200) {
    if (signal.aborted) {
      const log = await logEnd(plane.files.dir, program);
      throw new Error(`${program} was not ready in time (no ${path}); the end of its log:\n${log}`);
    }
    await sleep(pollMilliseconds);
  }
}

/** Never resolves: it rejects when a program ends by itself. */
async function crashed(supervisor: Supervisor, dir: string): Promise<never> {
  const { name, how } = await supervisor.crash;
  throw new Error(`${name} ended by itself (${how}); the end of its log:\n${await logEnd(dir, name)}`);
}

function statusOf({ server, caPem, admin }: Layout, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const options = {
      ca: caPem,
      cert: admin.certificatePem,
      key: admin.keyPem,
      agent: false,
      timeout: 2_000,
    };
    const asking = request(new URL(path, server), options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(undefined));
    asking.end();
  });
}

function logFile(dir: string, name: string): string {
  return join(dir, `${name}.log`);
}

async function logEnd(dir: string, name: string): Promise<string> {
  const text = await readFile(logFile(dir, name), 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-shownLogLines).join('\n');
}
