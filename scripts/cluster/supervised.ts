/** The parent's side of the supervisor: a folder and programs that end together with this process. */
import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { objectOf, textOf } from '../../src/core/json.ts';
import type { Ended, Program } from './supervisor.ts';

export interface Supervisor {
  run(program: Program): void;
  /** Resolves when the first program ends by itself, before `stop`. */
  readonly crash: Promise<Ended>;
  /** Kills every program, removes the folder, and resolves when that is done. */
  stop(): Promise<void>;
}

/** From here on `folder` is the supervisor's to remove. */
export function superviseIn(folder: string): Supervisor {
  const child = fork(fileURLToPath(new URL('./supervisor.ts', import.meta.url)), [folder], {
    // A session of its own: a Ctrl-C on the terminal ends the parent, and only by that the programs.
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = Promise.withResolvers<void>();
  const crash = Promise.withResolvers<Ended>();
  let stopping = false;

  child.on('message', (message) => {
    const name = textOf(objectOf(message)['name']);
    const how = textOf(objectOf(message)['how']);
    if (name !== undefined && how !== undefined) crash.resolve({ name, how });
  });
  child.on('error', (error) => {
    gone.resolve();
    crash.resolve({ name: 'supervisor', how: error.message });
  });
  child.on('exit', (code, signal) => {
    gone.resolve();
    if (stopping) return;
    endGroup(child.pid);
    rmSync(folder, { recursive: true, force: true });
    crash.resolve({ name: 'supervisor', how: code === null ? `signal ${signal}` : `exit code ${code}` });
  });

  return {
    run(program) {
      if (child.connected) child.send(program);
    },
    crash: crash.promise,
    async stop() {
      stopping = true;
      if (child.connected) child.disconnect();
      await gone.promise;
    },
  };
}

/** What a supervisor that was itself killed leaves: its programs are in its process group. */
function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
