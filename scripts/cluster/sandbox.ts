/**
 * Runs a command where a node can run and nothing outside is touched: in network, mount and process namespaces of its
 * own. When the command ends, in whatever way, the kernel kills all that is left in there (shims, containers) and takes
 * down its mounts and interfaces; what is left then is removed here.
 */
import { execFile, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodePackagesProblem } from './node-components.ts';
import { makeFolder, removeLeftovers, removeTraces } from './traces.ts';

const namespaces = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL'];
const first = fileURLToPath(new URL('./sandbox-init.ts', import.meta.url));
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Why no sandbox can be made here; `undefined` when it can. */
export async function sandboxProblem(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'a Kubernetes node runs on Linux only';
  if (process.getuid?.() !== 0) return 'running a Kubernetes node needs root';
  const problem = await nodePackagesProblem();
  if (problem !== undefined) return problem;
  try {
    await promisify(execFile)('unshare', [...namespaces, 'true']);
    return undefined;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    return `running a Kubernetes node needs namespaces of its own, which this machine refuses: ${said}`;
  }
}

/** Its exit code, 128 + N when it was ended by signal N. A signal to this process is passed on to the command. */
export async function runInSandbox(command: string, args: readonly string[]): Promise<number> {
  await removeLeftovers();
  const folder = makeFolder();
  const child = spawn('unshare', [...namespaces, process.execPath, first, folder, command, ...args], {
    // A session of its own, so that a Ctrl-C on the terminal reaches the command once, by us.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  function pass(signal: NodeJS.Signals): void {
    if (child.connected) child.send({ signal });
  }
  for (const signal of stopSignals) process.on(signal, pass);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
      );
    });
  } finally {
    for (const signal of stopSignals) process.off(signal, pass);
    await removeTraces(folder);
  }
}
