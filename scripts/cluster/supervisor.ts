/**
 * The process that starts a cluster's programs and outlives whoever asked for them, if only by a moment: when the channel
 * to its parent closes, because the parent stopped the cluster, crashed or was killed, it kills the programs, removes the
 * cluster's folder and ends. So there is one way in which a cluster ends. Run by `supervised.ts` with the folder as its
 * argument.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { isObject, objectOf, textOf, textsOf } from '../../src/core/json.ts';
import { removeFolder } from './folder.ts';

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The file that its output is appended to. */
  readonly log: string;
}

/** What the supervisor tells its parent: a program ended by itself. */
export interface Ended {
  readonly name: string;
  /** `exit code 1`, `signal SIGSEGV`, or why it could not be started. */
  readonly how: string;
}

interface Running {
  readonly name: string;
  readonly gone: Promise<void>;
}

/** How long a program that is asked to end may take. */
const graceMilliseconds = 20_000;

const running = new Map<ChildProcess, Running>();
/** Asked to end: their end is no news. */
const expected = new Set<ChildProcess>();
let ending = false;

function start(program: Program): void {
  const log = openSync(program.log, 'a', 0o600);
  // Nothing of the developer's environment (proxies, kubeconfigs, feature switches) reaches the programs.
  const env = { PATH: process.env['PATH'] ?? '', HOME: program.cwd };
  const child = spawn(program.command, program.args, { cwd: program.cwd, env, stdio: ['ignore', log, log] });
  closeSync(log);
  const { promise, resolve } = Promise.withResolvers<void>();
  running.set(child, { name: program.name, gone: promise });
  function end(how: string): void {
    resolve();
    if (!running.delete(child) || ending || expected.has(child)) return;
    const ended: Ended = { name: program.name, how };
    if (process.connected) process.send?.(ended);
  }
  child.once('error', (error) => end(error.message));
  child.once('exit', (code, signal) => end(code === null ? `signal ${signal}` : `exit code ${code}`));
}

/** In good order, for programs that others go on without or that are started again. */
async function endOne(name: string): Promise<void> {
  for (const [child, { gone }] of [...running].filter(([, program]) => program.name === name)) {
    expected.add(child);
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds);
    await gone;
    clearTimeout(impatience);
  }
  if (process.connected) process.send?.({ asked: name });
}

/** Killed, not asked to end: the state is thrown away, so there is nothing to finish in good order. */
async function endAll(folder: string): Promise<void> {
  if (ending) return;
  ending = true;
  const ends = [...running.values()].map(({ gone }) => gone);
  for (const child of running.keys()) child.kill('SIGKILL');
  await Promise.all(ends);
  removeFolder(folder);
  // What the programs have started, such as the plugins of a Vault, is in our process group, and so are we.
  process.kill(-process.pid, 'SIGKILL');
}

function programOf(message: unknown): Program | undefined {
  if (!isObject(message)) return undefined;
  const name = textOf(message['name']);
  const command = textOf(message['command']);
  const cwd = textOf(message['cwd']);
  const log = textOf(message['log']);
  if (name === undefined || command === undefined || cwd === undefined || log === undefined) return undefined;
  return { name, command, args: textsOf(message['args']), cwd, log };
}

function main(folder: string): void {
  process.on('disconnect', () => void endAll(folder));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => void endAll(folder));
  process.on('uncaughtException', (error) => {
    process.stderr.write(`the supervisor of ${folder} failed: ${error.message}\n`);
    void endAll(folder);
  });
  process.on('message', (message) => {
    const program = programOf(message);
    if (program !== undefined && !ending) start(program);
    const name = textOf(objectOf(message)['end']);
    if (name !== undefined) void endOne(name);
  });
}

const folder = process.argv[2];
if (import.meta.main && folder !== undefined) main(folder);
