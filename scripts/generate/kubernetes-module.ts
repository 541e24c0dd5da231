/** Files of the `k8s.io/kubernetes` Go module: from Go's module cache, or fetched into it and verified by Go. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectOf, textOf } from '../../src/core/json.ts';
import type { Rendered } from './page.ts';

export const KUBERNETES = 'k8s.io/kubernetes@v1.37.2';

export interface KubernetesModule {
  readonly folder: string;
}

/** Renders from the module's files, or says why they can't be had. */
export function fromModule(render: (module: KubernetesModule) => string): Rendered {
  found ??= download();
  return 'missing' in found ? found : { body: render(found) };
}

export function readModuleFile({ folder }: KubernetesModule, path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

/** In the order of their names. */
export function moduleFileNames({ folder }: KubernetesModule, path: string): readonly string[] {
  return readdirSync(join(folder, path)).toSorted();
}

let found: KubernetesModule | { readonly missing: string } | undefined;

function download(): KubernetesModule | { readonly missing: string } {
  // Outside of any module, so that no go.mod has a say.
  const go = spawnSync('go', ['mod', 'download', '-json', KUBERNETES], { cwd: tmpdir(), encoding: 'utf8' });
  if (go.error !== undefined) return { missing: `Go is needed (${go.error.message})` };
  const { Dir, Error: problem } = objectOf(JSON.parse(go.stdout === '' ? '{}' : go.stdout));
  const folder = textOf(Dir);
  if (folder !== undefined) return { folder };
  return { missing: `${KUBERNETES} can't be fetched (${textOf(problem) ?? go.stderr.trim()})` };
}
