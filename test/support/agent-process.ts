/** The agent as kubelet runs it: a process of its own, with folders in the place of the pod's volumes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { AgentConfig } from '../../src/core/inject/agent-config.ts';

export interface Pod {
  readonly filesDir: string;
  readonly stateFile: string;
  /** Runs `init` to its end. */
  run(config: AgentConfig, env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Starts `init`; `ended` tells how it went. */
  start(config: AgentConfig, env?: Readonly<Record<string, string>>): Started;
  remove(): Promise<void>;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What kubelet would put into the pod's status; empty when nothing was written. */
  readonly termination: string;
}

const main = fileURLToPath(new URL('../../src/agent/main.ts', import.meta.url));

export async function newPod(serviceAccountToken: string): Promise<Pod> {
  const root = await mkdtemp(join(tmpdir(), 'countersign-pod-'));
  const places = {
    COUNTERSIGN_TOKEN_FILE: join(root, 'token'),
    COUNTERSIGN_STATE_DIR: join(root, 'state'),
    COUNTERSIGN_FILES_DIR: join(root, 'files'),
    COUNTERSIGN_TERMINATION_LOG: join(root, 'termination-log'),
  };
  await Promise.all([mkdir(places.COUNTERSIGN_STATE_DIR), mkdir(places.COUNTERSIGN_FILES_DIR)]);
  await writeFile(places.COUNTERSIGN_TOKEN_FILE, serviceAccountToken);

  function start(config: AgentConfig, env: Readonly<Record<string, string>> = {}): Started {
    const child = spawn(process.execPath, [main, 'init'], {
      env: { ...places, COUNTERSIGN_AGENT_CONFIG: JSON.stringify(config), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { child, ended: end(child, places.COUNTERSIGN_TERMINATION_LOG) };
  }

  return {
    filesDir: places.COUNTERSIGN_FILES_DIR,
    stateFile: join(places.COUNTERSIGN_STATE_DIR, 'state.json'),
    start,
    run: (config, env) => start(config, env).ended,
    remove: () => rm(root, { recursive: true }),
  };
}

async function end(child: ReturnType<typeof spawn>, terminationLog: string): Promise<Ended> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('expected pipes');
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(stdout), text(stderr)]);
  const termination = await readFile(terminationLog, 'utf8').catch(() => '');
  return { code: typeof code === 'number' ? code : null, stdout: out, stderr: err, termination };
}
