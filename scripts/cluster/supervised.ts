/** The parent's side of the supervisor: a folder and programs that end together with this process. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { objectOf, textOf } from '../../src/core/json.ts';
import { removeFolder } from './folder.ts';
import type { Ended, Program } from './supervisor.ts';

export interface Supervisor {
  run(program: Program): void;
  /** Asks the programs of that name to end, and resolves when they have. */
  end(name: string): Promise<void>;
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
  const asked = new Map<string, () => void>();
  let stopping = false;

  child.on('message', (message) => {
    const name = textOf(objectOf(message)['name']);
    const how = textOf(objectOf(message)['how']);
    if (name !== undefined && how !== undefined) crash.resolve({ name, how });
    asked.get(textOf(objectOf(message)['asked']) ?? '')?.();
  });
  child.on('error', (error) => {
    gone.resolve();
    crash.resolve({ name: 'supervisor', how: error.message });
  });
  child.on('exit', (code, signal) => {
    gone.resolve();
    if (stopping) return;
    endGroup(child.pid);
    removeFolder(folder);
    crash.resolve({ name: 'supervisor', how: code === null ? `signal ${signal}` : `exit code ${code}` });
  });

  return {
    run(program) {
      if (child.connected) child.send(program);
    },
    async end(name) {
      const { promise, resolve } = Promise.withResolvers<void>();
      asked.set(name, resolve);
      if (child.connected) child.send({ end: name });
      await Promise.race([promise, gone.promise]);
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
