/** A shell for the commands that a page shows: real `helm` and `kubectl` of an administrator, and `countersign`. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ClusterClient } from '../../scripts/cluster/client.ts';
import { programPath } from '../../scripts/cluster/components.ts';
import { helmPath } from '../../scripts/cluster/helm.ts';

export interface CommandShell {
  /** As a person would run it in a clone, but that it stops at the first failure. */
  run(script: string): Promise<ShellEnd>;
  remove(): Promise<void>;
}

export interface ShellEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** @param files beside the chart and the manifests, by name */
export async function openCommandShell(
  { kubeconfig }: Pick<ClusterClient, 'kubeconfig'>,
  files: Readonly<Record<string, string>> = {},
): Promise<CommandShell> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-commands-'));
  const bin = join(dir, 'bin');
  await mkdir(bin);
  for (const name of ['charts', 'manifests', 'dist']) await symlink(resolve(name), join(dir, name));
  await symlink(helmPath(), join(bin, 'helm'));
  await symlink(programPath('kubectl'), join(bin, 'kubectl'));
  const countersign = join(bin, 'countersign');
  await writeFile(countersign, `#!/bin/sh\nexec '${process.execPath}' '${resolve('src/main.ts')}' "$@"\n`);
  await chmod(countersign, 0o755);
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: dir, KUBECONFIG: kubeconfig };
  return {
    run(script) {
      return new Promise((done) => {
        const options = { cwd: dir, env, timeout: 120_000, maxBuffer: 64 << 20 };
        execFile('sh', ['-euc', script], options, (error, out, err) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
          done({ code, out, err });
        });
      });
    },
    remove: () => rm(dir, { recursive: true }),
  };
}
