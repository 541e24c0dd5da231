/**
 * The checker of manifests against Kubernetes' own schemas, which hold no release but their own: from PyPI, by the
 * machine's pip, into the cache that every clone on the machine shares. It needs no network when it runs.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cachedFolder } from './cache.ts';
import { pip } from './pip.ts';

const run = promisify(execFile);

const version = '1.37.0';
const packages = [
  `kubernetes-validate==${version}`,
  'attrs==26.1.0',
  'importlib_resources==7.1.0',
  'jsonschema==4.26.0',
  'jsonschema-specifications==2025.9.1',
  'packaging==26.4',
  'PyYAML==6.0.4',
  'referencing==0.37.0',
  'rpds-py==2026.9.1',
  'typing_extensions==4.16.0',
];

/** The releases of Kubernetes that the chart is for. */
export const KUBERNETES_RELEASES = ['1.31', '1.32', '1.33', '1.34', '1.35', '1.36', '1.37'] as const;

export interface Validated {
  readonly code: number;
  /** Warnings and failures, a line each. */
  readonly lines: readonly string[];
}

/** Checks files strictly: a field that the release does not know is a failure. */
export async function validateManifests(
  files: readonly string[],
  release: (typeof KUBERNETES_RELEASES)[number],
): Promise<Validated> {
  const args = ['-m', 'kubernetes_validate', '--strict', '--quiet', '-k', release, ...files];
  const env = { ...process.env, PYTHONPATH: await checkerDir() };
  const ended = await run('python3', args, { env, maxBuffer: 16 << 20 }).then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    (error: { code?: unknown; stdout?: string; stderr?: string }) => ({
      code: typeof error.code === 'number' ? error.code : 1,
      text: `${error.stdout ?? ''}${error.stderr ?? ''}`,
    }),
  );
  return { code: ended.code, lines: ended.text.split('\n').filter((line) => line.trim() !== '') };
}

function checkerDir(): Promise<string> {
  return cachedFolder(`kubernetes-validate-${version}`, fetchInto);
}

async function fetchInto(dir: string): Promise<void> {
  try {
    await pip('install', ['--target', dir, ...packages]);
  } catch (error) {
    throw new Error(`kubernetes-validate ${version} could not be fetched: install Python 3 with pip`, {
      cause: error,
    });
  }
}
