/** What the agent needs of the machine, so that tests give it another one. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { ENV_PATH, FILES_PATH, STATE_PATH, TOKEN_FILE, TOKEN_PATH } from '../core/inject/names.ts';
import { callLoopback } from './notify.ts';

export interface AgentHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly places: Places;
  /** Aborted when the container is being stopped. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** Fails with the signal's reason. */
  sleep(milliseconds: number): Promise<void>;
  /** Calls a URL of the pod itself, and gives the status of the answer. */
  notify(url: string): Promise<number>;
  /** A line on standard output. */
  print(line: string): void;
  /** A line on standard error, and in the termination message that kubelet puts into the pod's status. */
  report(line: string): void;
}

interface Places {
  readonly tokenFile: string;
  /** Ours alone: the Vault token and the leases. */
  readonly stateDir: string;
  /** What the containers mount. */
  readonly filesDir: string;
  /** What kubelet reads variables from. */
  readonly envDir: string;
  readonly terminationLog: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const terminationLog = '/dev/termination-log';

function placesOf(env: Environment): Places {
  return {
    tokenFile: env['COUNTERSIGN_TOKEN_FILE'] ?? `${TOKEN_PATH}/${TOKEN_FILE}`,
    stateDir: env['COUNTERSIGN_STATE_DIR'] ?? STATE_PATH,
    filesDir: env['COUNTERSIGN_FILES_DIR'] ?? FILES_PATH,
    envDir: env['COUNTERSIGN_ENV_DIR'] ?? ENV_PATH,
    terminationLog: env['COUNTERSIGN_TERMINATION_LOG'] ?? terminationLog,
  };
}

export function processHost(env: Environment, signal: AbortSignal): AgentHost {
  const places = placesOf(env);
  return {
    env,
    places,
    signal,
    now: Date.now,
    random: Math.random,
    async sleep(milliseconds) {
      await wait(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
    },
    notify: (url) => callLoopback(url, signal),
    print(line) {
      process.stdout.write(`${line}\n`);
    },
    report(line) {
      process.stderr.write(`${line}\n`);
      writeTerminationMessage(places.terminationLog, line);
    },
  };
}

/** kubelet mounts the file; outside of a container there is none, and /dev is no place to make one. */
function writeTerminationMessage(path: string, line: string): void {
  const create = path === terminationLog ? 0 : constants.O_CREAT;
  try {
    const file = openSync(path, constants.O_WRONLY | constants.O_TRUNC | create, 0o644);
    writeSync(file, line);
    closeSync(file);
  } catch {
    // The line is on standard error too.
  }
}
