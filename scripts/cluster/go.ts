/** The Go toolchain: whether it is good enough, and one build with it. */
import { execFile, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Component } from './components.ts';

const neededMinor = 26;
const advice = `install Go 1.${neededMinor} or later (https://go.dev/dl/) and put its bin folder on PATH`;
const keptLines = 30;
const graceMilliseconds = 10_000;

export interface Compilation {
  readonly component: Component;
  /** Where the program is written, under the component's name; Go works there too, and may leave files behind. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Called with the number of packages compiled so far; packages in Go's build cache are not among them. */
  readonly onPackage: (count: number) => void;
}

export type Compile = (compilation: Compilation) => Promise<void>;

/** What has to be installed before anything can be built; `undefined` when nothing has. */
export async function goProblem(): Promise<string | undefined> {
  try {
    // Not in a folder with a go.mod: there the answer could be a toolchain that Go would download.
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], { cwd: tmpdir() });
    return versionProblem(stdout.trim());
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const found = absent ? 'is not on PATH' : `does not work here (${String(error)})`;
    return `building the Kubernetes control plane needs Go, which ${found}: ${advice}`;
  }
}

export function versionProblem(version: string): string | undefined {
  const minor = /\bgo1\.(\d+)/.exec(version)?.[1];
  if (minor !== undefined && Number(minor) >= neededMinor) return undefined;
  return `building the Kubernetes control plane needs a newer Go than ${version}: ${advice}`;
}

/** Builds one program; throws with the end of Go's output when that fails, and with the signal's reason when aborted. */
export async function compile({ component, folder, signal, onPackage }: Compilation): Promise<void> {
  signal.throwIfAborted();
  const flags = [
    'build',
    '-v',
    '-trimpath',
    `-tags=${component.tags ?? ''}`,
    '-ldflags',
    component.linkerFlags,
    '-o',
    join(folder, component.name),
    component.goPackage,
  ];
  // A process group of its own: an interruption reaches the compilers that `go` started, and only through us.
  const go = spawn('go', flags, {
    cwd: fileURLToPath(new URL(`gomod/${component.module}/`, import.meta.url)),
    env: { ...process.env, CGO_ENABLED: component.cgo === true ? '1' : '0', GOWORK: 'off', GOTMPDIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const lines: string[] = [];
  let packages = 0;
  createInterface({ input: go.stderr }).on('line', (line) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    if (!line.startsWith('go: ')) onPackage(++packages);
  });

  function interrupt(name: NodeJS.Signals): void {
    if (go.pid !== undefined && go.exitCode === null && go.signalCode === null) process.kill(-go.pid, name);
  }
  function abort(): void {
    interrupt('SIGINT');
    setTimeout(() => interrupt('SIGKILL'), graceMilliseconds).unref();
  }
  signal.addEventListener('abort', abort, { once: true });
  const code = await new Promise<number | null>((resolve, reject) => {
    go.once('error', reject);
    go.once('close', resolve);
  }).finally(() => signal.removeEventListener('abort', abort));
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`go build ${component.goPackage} failed:\n${lines.join('\n')}`);
}
