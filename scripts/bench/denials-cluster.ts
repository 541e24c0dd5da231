import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { installCrds } from '../../test/support/crds.ts';
import { startProgress } from '../cluster/progress.ts';
import { startCluster } from '../cluster/up.ts';
import { serverNodeFlags } from '../image/product.ts';
import type { DenialsTask } from './denials.ts';
import type { DenialsMeasured, DenialsRun } from './denials-page.ts';
import { makeNamespace, namespacesIn, sizeOf } from './world.ts';

const CHILD = fileURLToPath(new URL('./denials.ts', import.meta.url));
const WORKLOADS = 500;
const REFUSALS = 100_000;

/** A real API server, and the product beside it in a process of its own. */
export async function measureDenials(): Promise<DenialsRun> {
  const [load = Number.NaN] = loadavg();
  const progress = startProgress('refusals and their record', process.stderr);
  const cluster = await startCluster();
  try {
    await installCrds(cluster);
    const size = sizeOf(WORKLOADS);
    const items = Array.from({ length: namespacesIn(size) }, (_, at) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: nameOf(makeNamespace(size, at).object) },
    }));
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await cluster.kubectl(['create', '-f', '-'], { input });
    progress.note('refusing');
    const { kubeconfig } = cluster;
    const measured = await inChild({ kubeconfig, workloads: WORKLOADS, refusals: REFUSALS });
    progress.end('done');
    return { ...measured, cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown', load };
  } finally {
    await cluster.stop();
  }
}

function nameOf({ metadata }: { readonly metadata?: unknown }): string {
  return (metadata as { readonly name: string }).name;
}

async function inChild(task: DenialsTask): Promise<DenialsMeasured> {
  const args = ['--expose-gc', ...serverNodeFlags, CHILD];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const answer = text(child.stdout);
  child.stdin.end(JSON.stringify(task));
  const [code] = await exited;
  if (code !== 0) throw new Error(`${CHILD} ended with ${code}`);
  const measured: DenialsMeasured = JSON.parse(await answer);
  return measured;
}
