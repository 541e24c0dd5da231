import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const common = [
  '--disable-pip-version-check',
  '--quiet',
  '--no-deps',
  '--no-cache-dir',
  '--only-binary=:all:',
];

/** The machine's pip: wheels alone, and nothing that they ask for. Fails as the program does. */
export async function pip(
  command: 'install' | 'download',
  args: readonly string[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  await run('python3', ['-m', 'pip', command, ...common, ...args], options);
}
