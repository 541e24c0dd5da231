import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readWorkload, type Workload } from '../../src/core/admission/workload.ts';
import { type JsonObject, objectOf } from '../../src/core/json.ts';
import { loadFolder } from '../../src/facts/folder/folder.ts';
import { build } from '../build.ts';
import { podOf, reviewOf } from '../demo/reviews.ts';
import { type RunningWebhook, startWebhook } from '../demo/webhook.ts';
import { serverNodeFlags } from '../image/product.ts';
import { measure } from './load.ts';
import { loadSection, type Memory, type Row } from './page.ts';

/** The bundle as its image runs it, beside a do-nothing handler in the same run. */

const EXAMPLES = 'manifests/examples';
const CONNECTIONS = [1, 16] as const;
const STARTS = 5;

/** The section of the page about load. */
export async function measureLoad(seconds: number): Promise<string> {
  await build({ quiet: true });
  // The compile cache of a first start.
  const cache = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const flags = { NODE_OPTIONS: serverNodeFlags.join(' ') };
  const env = { ...flags, NODE_COMPILE_CACHE: cache };
  const coldMs = await startTime({ ...flags, NODE_COMPILE_CACHE: '' });
  await startTime(env);
  const startMs = await startTimes(env);
  const webhook = await startWebhook(EXAMPLES, { env });
  const floor = await startFloor(webhook.dir);
  try {
    const idle = await memoryOf(webhook.process);
    const bodies = await reviewBodies();
    const rows = await measureAll({ webhook, floorUrl: floor.url, bodies, seconds });
    return loadSection({
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      node: process.version,
      coldMs,
      startMs,
      idle,
      loaded: await memoryOf(webhook.process),
      bodyBytes: { inject: bodies.inject.length, change: bodies.change.length },
      rows,
    });
  } finally {
    floor.process.kill();
    await webhook.stop();
    await rm(cache, { recursive: true });
  }
}

interface Bodies {
  readonly inject: Buffer;
  readonly change: Buffer;
}

interface Targets {
  readonly webhook: RunningWebhook;
  readonly floorUrl: string;
  readonly bodies: Bodies;
  readonly seconds: number;
}

async function measureAll({ webhook, floorUrl, bodies, seconds }: Targets): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const targets = [
    ['floor', floorUrl, bodies.inject],
    ['/inject', webhook.url('inject'), bodies.inject],
    ['/change', webhook.url('change'), bodies.change],
  ] as const;
  for (const connections of CONNECTIONS) {
    for (const [name, url, body] of targets) {
      console.error(`measuring ${name} at ${connections} connections for ${seconds} s`);
      const accepts = (answer: string) =>
        answer.includes('"allowed":true') && (name !== '/inject' || answer.includes('"patch"'));
      rows.push({
        name,
        connections,
        ...(await measure({ url, ca: webhook.ca, body, connections, seconds, accepts })),
      });
    }
  }
  return rows;
}

type Env = Readonly<Record<string, string>>;

/** Several, sorted. */
async function startTimes(env: Env): Promise<readonly number[]> {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start += 1) times.push(await startTime(env));
  return times.toSorted((a, b) => a - b);
}

/** From spawning the process to its first ready answer. */
async function startTime(env: Env): Promise<number> {
  const began = performance.now();
  const webhook = await startWebhook(EXAMPLES, { env });
  await fetch(`http://127.0.0.1:${webhook.operationsPort}/readyz`);
  const elapsed = performance.now() - began;
  await webhook.stop();
  return elapsed;
}

async function startFloor(dir: string): Promise<{ url: string; process: ChildProcess }> {
  const child = spawn(
    process.execPath,
    ['scripts/bench/floor.ts', join(dir, 'tls.crt'), join(dir, 'tls.key')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface(child.stdout);
  for await (const port of lines) return { url: `https://localhost:${port}/`, process: child };
  throw new Error('the yardstick did not start');
}

/** Reviews of the examples: a pod that asks for credentials, and a Deployment whose verdict is a pass. */
async function reviewBodies(): Promise<Bodies> {
  const { workloads } = await loadFolder(EXAMPLES);
  const found = workloads
    .map(({ object }) => ({ object, workload: readWorkload(object) }))
    .find(({ workload }) => workload?.annotations['countersign.dev/inject'] === 'true');
  if (found?.workload === undefined) throw new Error(`${EXAMPLES} has no workload that asks for credentials`);
  const { object, workload } = found;
  const pod = readWorkload(podOf(workload));
  if (pod === undefined) throw new Error('the pod is no workload');
  return { inject: bodyOf(withStatus(podOf(workload)), pod), change: bodyOf(withStatus(object), workload) };
}

function bodyOf(object: JsonObject, workload: Workload): Buffer {
  return Buffer.from(JSON.stringify(reviewOf(object, workload, 'jane')));
}

/** What every object that comes from a cluster carries, so that the reviews have a usual size. */
function withStatus(object: JsonObject): JsonObject {
  const fields = {
    'f:metadata': { 'f:labels': { 'f:app': {} } },
    'f:spec': { 'f:containers': { 'k:{"name":"orders"}': { '.': {}, 'f:image': {}, 'f:ports': {} } } },
  };
  const managedFields = Array.from({ length: 4 }, (_, at) => ({
    manager: `manager-${at}`,
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
  }));
  return { ...object, metadata: { ...objectOf(object['metadata']), managedFields }, status: {} };
}

/** From the kernel's own books. */
async function memoryOf({ pid }: ChildProcess): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'mu').exec(status)?.[1]) / 1024;
  return { rssMiB: of('VmRSS'), anonymousMiB: of('RssAnon') };
}
