/** The people of a story: each at a terminal of their own, with their own certificate, kubectl and its plugin. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ClusterAddress } from '../../scripts/cluster/client.ts';
import { programPath } from '../../scripts/cluster/components.ts';
import { kubeconfigOf, type Person, people } from '../../scripts/cluster/layout.ts';

export interface StoryPeople {
  /** Everything that a terminal would show. */
  run(person: Person, command: string): Promise<string>;
  /** A command that goes on until it is interrupted, which happens after `during`. */
  runDuring(person: Person, command: string, during: (soFar: () => string) => Promise<void>): Promise<string>;
  remove(): Promise<void>;
}

/** @param files which everybody has, by name. @param namespace that of everybody's context. */
export async function gatherPeople(
  cluster: ClusterAddress,
  namespace: string,
  files: Readonly<Record<string, string>>,
): Promise<StoryPeople> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-story-'));
  const bin = join(dir, 'bin');
  await mkdir(bin);
  await symlink(programPath('kubectl'), join(bin, 'kubectl'));
  const plugin = join(bin, 'kubectl-countersign');
  await writeFile(
    plugin,
    `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/countersign.cjs')}' "$@"\n`,
  );
  await chmod(plugin, 0o755);
  for (const person of people) {
    const kubeconfig = await readFile(kubeconfigOf(person, cluster.dir), 'utf8');
    await mkdir(join(dir, person, '.kube'), { recursive: true });
    await writeFile(join(dir, person, '.kube', 'config'), JSON.stringify(inNamespace(kubeconfig, namespace)));
    for (const [name, content] of Object.entries(files)) await writeFile(join(dir, person, name), content);
  }

  function start(
    person: Person,
    command: string,
  ): ChildProcess & { readonly stdout: NonNullable<ChildProcess['stdout']> } {
    const home = join(dir, person);
    const env = { PATH: [bin, process.env['PATH']].join(delimiter), HOME: home };
    // Both in the order in which they are written.
    return spawn('sh', ['-c', `exec 2>&1; ${command}`], {
      cwd: home,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  return {
    run: (person, command) => text(start(person, command).stdout),
    async runDuring(person, command, during) {
      const child = start(person, `exec ${command}`);
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
      });
      const ended = new Promise((end) => child.once('close', end));
      try {
        await during(() => said);
      } finally {
        child.kill('SIGINT');
        await ended;
      }
      return said;
    },
    remove: () => rm(dir, { recursive: true }),
  };
}

const CONTEXT = 'shop-cluster';

function inNamespace(kubeconfig: string, namespace: string): object {
  const config = JSON.parse(kubeconfig) as { readonly contexts: readonly [{ readonly context: object }] };
  const [{ context }] = config.contexts;
  return {
    ...config,
    contexts: [{ name: CONTEXT, context: { ...context, namespace } }],
    'current-context': CONTEXT,
  };
}
