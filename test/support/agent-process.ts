/** The agent as kubelet runs it: a process of its own, with folders in the place of the pod's volumes. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { AgentConfig } from '../../src/core/inject/agent-config.ts';

type Environment = Readonly<Record<string, string>>;

export interface Pod {
  readonly filesDir: string;
  /** The projected service-account token, which kubelet replaces from time to time. */
  readonly tokenFile: string;
  readonly stateFile: string;
  readonly envFile: string;
  /** Runs `init` to its end. */
  run(config: AgentConfig, env?: Environment): Promise<Ended>;
  /** Starts `init`; `ended` tells how it went. */
  start(config: AgentConfig, env?: Environment): Started;
  /** Starts `run`, the sidecar. */
  sidecar(config: AgentConfig, env?: Environment): Started;
  remove(): Promise<void>;
}

export interface Started {
  readonly child: ChildProcess;
  /** Its standard output so far. */
  readonly said: () => string;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What kubelet would put into the pod's status; empty when nothing was written. */
  readonly termination: string;
}

/** As in the container: no child process, worker, addon or inspector; links need the whole file system allowed. */
const hardening = ['--permission', '--allow-fs-read=*', '--allow-fs-write=*'];
const main = fileURLToPath(new URL('../../src/agent/main.ts', import.meta.url));

export async function newPod(serviceAccountToken: string): Promise<Pod> {
  const root = await mkdtemp(join(tmpdir(), 'countersign-pod-'));
  const places = {
    COUNTERSIGN_TOKEN_FILE: join(root, 'token'),
    COUNTERSIGN_STATE_DIR: join(root, 'state'),
    COUNTERSIGN_FILES_DIR: join(root, 'files'),
    COUNTERSIGN_ENV_DIR: join(root, 'env'),
    COUNTERSIGN_TERMINATION_LOG: join(root, 'termination-log'),
  };
  const folders = [places.COUNTERSIGN_STATE_DIR, places.COUNTERSIGN_FILES_DIR, places.COUNTERSIGN_ENV_DIR];
  await Promise.all(folders.map((folder) => mkdir(folder)));
  await writeFile(places.COUNTERSIGN_TOKEN_FILE, serviceAccountToken);

  function start(mode: string, config: AgentConfig, env: Environment = {}): Started {
    // A container finds its own, empty.
    rmSync(places.COUNTERSIGN_TERMINATION_LOG, { force: true });
    const child = spawn(process.execPath, [...hardening, main, mode], {
      env: { ...places, COUNTERSIGN_AGENT_CONFIG: JSON.stringify(config), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      said += piece;
    });
    return {
      child,
      said: () => said,
      ended: end(child, () => said, places.COUNTERSIGN_TERMINATION_LOG),
    };
  }

  return {
    filesDir: places.COUNTERSIGN_FILES_DIR,
    tokenFile: places.COUNTERSIGN_TOKEN_FILE,
    stateFile: join(places.COUNTERSIGN_STATE_DIR, 'state.json'),
    envFile: join(places.COUNTERSIGN_ENV_DIR, 'env'),
    start: (config, env) => start('init', config, env),
    sidecar: (config, env) => start('run', config, env),
    run: (config, env) => start('init', config, env).ended,
    remove: () => rm(root, { recursive: true }),
  };
}

async function end(
  child: ChildProcessByStdio<null, Readable, Readable>,
  said: () => string,
  terminationLog: string,
): Promise<Ended> {
  const [[code], stderr] = await Promise.all([once(child, 'close'), text(child.stderr)]);
  const termination = await readFile(terminationLog, 'utf8').catch(() => '');
  return { code: typeof code === 'number' ? code : null, stdout: said(), stderr, termination };
}
