/** containerd with the runtime that nodes use, and nothing of Kubernetes; in a sandbox. Containers have the host's network. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { killContainers } from '../cluster/containers.ts';
import { unmountBelow } from '../cluster/folder.ts';
import { nodeProgramPath } from '../cluster/node-components.ts';
import { sandboxPlace } from '../cluster/place.ts';
import { superviseIn } from '../cluster/supervised.ts';

export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  /** In place of the image's entrypoint, which is empty. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Folders of this machine by their place in the container. */
  readonly mounts: Readonly<Record<string, string>>;
}

export interface Containers {
  importImage(archive: string): Promise<void>;
  /** Resolves when its process runs, with that one's id. */
  start(spec: ContainerSpec): Promise<number>;
  /** What it printed. */
  output(name: string): Promise<string>;
  /** Kills what still runs in it. */
  remove(name: string): Promise<void>;
  stop(): Promise<void>;
}

const startMilliseconds = 30_000;
const pollMilliseconds = 100;
const run = promisify(execFile);

export async function startContainers(): Promise<Containers> {
  const { controlGroup } = sandboxPlace();
  const dir = await mkdtemp(join(tmpdir(), 'countersign-containerd-'));
  const config = join(dir, 'containerd.toml');
  await writeFile(config, configuration(dir));
  const supervisor = superviseIn(dir);
  const log = join(dir, 'containerd.log');
  const command = nodeProgramPath('containerd');
  supervisor.run({ name: 'containerd', command, args: [`--config=${config}`], cwd: dir, log });
  const logOf = (name: string) => join(dir, `${name}.log`);

  async function stop(): Promise<void> {
    await supervisor.end('containerd');
    killContainers(controlGroup, nodeProgramPath('containerd-shim-runc-v2'));
    unmountBelow('/run/containerd');
    await supervisor.stop();
  }

  try {
    await Promise.race([untilServing(), supervisor.crash.then(({ how }) => failed(how, log))]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    importImage: (archive) => ctr('images', 'import', archive),
    async start({ name, image, command: words, env, mounts }) {
      const pidFile = join(dir, `${name}.pid`);
      await ctr(
        'run',
        '--detach',
        '--net-host',
        '--read-only',
        '--seccomp',
        `--runc-binary=${nodeProgramPath('runc')}`,
        `--cgroup=${join(controlGroup, name)}`,
        `--log-uri=file://${logOf(name)}`,
        `--pid-file=${pidFile}`,
        ...Object.entries(env).map(([key, value]) => `--env=${key}=${value}`),
        ...Object.entries(mounts).map(
          ([to, from]) => `--mount=type=bind,src=${from},dst=${to},options=rbind:rw`,
        ),
        image,
        name,
        ...words,
      );
      return Number(await readFile(pidFile, 'utf8'));
    },
    output: (name) => readFile(logOf(name), 'utf8').catch(() => ''),
    async remove(name) {
      await ctr('tasks', 'delete', '--force', name);
      await ctr('containers', 'delete', name);
    },
    stop,
  };
}

function configuration(dir: string): string {
  return `version = 4
root = ${JSON.stringify(join(dir, 'containerd'))}
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime"]

[plugins."io.containerd.internal.v1.opt"]
path = ${JSON.stringify(join(dir, 'opt'))}
`;
}

async function untilServing(): Promise<void> {
  const end = Date.now() + startMilliseconds;
  for (;;) {
    try {
      await ctr('version');
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await sleep(pollMilliseconds);
  }
}

async function failed(how: string, log: string): Promise<never> {
  throw new Error(`containerd ended with ${how}:\n${await readFile(log, 'utf8').catch(() => '')}`);
}

async function ctr(...args: readonly string[]): Promise<void> {
  await run(nodeProgramPath('ctr'), args);
}
