import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingComponents } from '../cluster/build.ts';
import { nodeComponents } from '../cluster/node-components.ts';
import { runInSandbox, sandboxProblem } from '../cluster/sandbox.ts';
import { vaultComponents } from '../vault-build.ts';
import type { Footprint, FootprintRun } from './footprint-page.ts';

const CHILD = fileURLToPath(new URL('./footprint.ts', import.meta.url));

/** Why no container can run here; `undefined` when one can. */
export async function footprintProblem(): Promise<string | undefined> {
  const problem = await sandboxProblem();
  if (problem !== undefined) return problem;
  const missing = await missingComponents(undefined, [...nodeComponents, ...vaultComponents]);
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name }) => name).join(', ');
  return `not built: ${names}; npm run test:cluster -- --build-only builds it`;
}

/** In a sandbox, where containers can run. */
export async function measureFootprints(idleSeconds: number): Promise<FootprintRun> {
  const [load = Number.NaN] = loadavg();
  const dir = await mkdtemp(join(tmpdir(), 'countersign-footprint-'));
  try {
    const file = join(dir, 'footprints.json');
    const code = await runInSandbox(process.execPath, [CHILD, String(idleSeconds), file]);
    if (code !== 0) throw new Error(`${CHILD} ended with ${code}`);
    const agents: readonly Footprint[] = JSON.parse(await readFile(file, 'utf8'));
    return { agents, idleSeconds, cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown', load };
  } finally {
    await rm(dir, { recursive: true });
  }
}
