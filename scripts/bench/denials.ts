import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHandler, type Decided, type Handle } from '../../src/admit/handler.ts';
import { BUILT_IN_RESCHEDULERS } from '../../src/core/admission/reschedulers.ts';
import { readWorkload, TEMPLATE_PATHS } from '../../src/core/admission/workload.ts';
import { NO_INJECTION } from '../../src/core/inject/settings.ts';
import { type JsonObject, listOf, objectOf } from '../../src/core/json.ts';
import { createResources } from '../../src/core/scope/resources.ts';
import { createWorld, type World } from '../../src/facts/world.ts';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { loadKubeAccess } from '../../src/kube/config.ts';
import { createDenials, type Denials } from '../../src/review/denials/denials.ts';
import { reviewOf } from '../demo/reviews.ts';
import { decideAll, percentiles } from './decisions.ts';
import type { DenialsMeasured, RefusalLatency } from './denials-page.ts';
import { keptMiB } from './heap.ts';
import { pagesOf } from './pages.ts';
import { makeWorkload } from './workloads.ts';
import { sizeOf } from './world.ts';

/** `node --expose-gc denials.ts < TASK`: refuses with and without the recorder, and prints one line of JSON. */
export interface DenialsTask {
  readonly kubeconfig: string;
  readonly workloads: number;
  readonly refusals: number;
}

const REQUESTERS = 20;
const TURNS = 4;
const WARM_UP = 5000;
/** Longer than changes wait to be written. */
const QUIET_MS = 6500;
/** Held by nobody in the world. */
const NEEDS = { 'countersign.dev/needs': 'delete nodes' };
const SETTINGS = {
  enabled: true,
  maxPerNamespace: 100,
  maxPerRequester: 500,
  maxInCluster: 2000,
  keepClosedSeconds: 86_400,
  expireAfterSeconds: 604_800,
};

const task: DenialsTask = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(await measured(task)));

async function measured({ kubeconfig, workloads, refusals }: DenialsTask): Promise<DenialsMeasured> {
  const world = worldOf(workloads);
  const reviews = reviewsOf(workloads);
  const calls: Record<string, number> = {};
  const client = counting(createKubeClient(await loadKubeAccess({ kubeconfig })), calls);
  let dropped = 0;
  let lastWriteAt = performance.now();
  const plain = handlerOn(world, () => {});
  await decideAll(plain, drawn(reviews, WARM_UP));
  const times: number[] = [];
  const stop = new AbortController();
  let denials: Denials | undefined = createDenials({
    client,
    clock: systemClock,
    random: Math.random,
    now: () => new Date(),
    facts: world,
    factsMaxAgeSeconds: 300,
    settings: SETTINGS,
    scrub: (line) => line,
    log: { warn: (message, fields) => console.error(message, fields) },
    onDrop: (_reason, count) => {
      dropped += count;
    },
    onWrite: () => {
      lastWriteAt = performance.now();
    },
  });
  const running = denials.run(stop.signal);
  const recording = handlerOn(world, (decided) => {
    const began = performance.now();
    denials?.onDecision(decided);
    times.push(performance.now() - began);
  });
  const latencies: Record<'without' | 'recorded', RefusalLatency[]> = { without: [], recorded: [] };
  const began = performance.now();
  for (let turn = 0; turn < TURNS; turn += 1) {
    latencies.without.push(await refuse(plain, drawn(reviews, refusals / TURNS)));
    latencies.recorded.push(await refuse(recording, drawn(reviews, refusals / TURNS)));
    while (performance.now() - lastWriteAt < QUIET_MS) await sleep(500);
  }
  const seconds = (lastWriteAt - began) / 1000;
  const recorder = percentiles(times.splice(0));
  const recordingMiB = keptMiB();
  stop.abort();
  await running;
  denials = undefined;
  const kept = recordingMiB - keptMiB();
  const made = { ...calls };
  const stored = await storedIn(client);
  return {
    refusals,
    workloads,
    requesters: REQUESTERS,
    without: middle(latencies.without),
    recorded: middle(latencies.recorded),
    recording: recorder,
    seconds,
    calls: made,
    objects: stored.length,
    objectBytes: JSON.stringify(stored).length,
    counted: stored.reduce((total, { status }) => total + Number(objectOf(status)['count']), 0),
    dropped,
    keptMiB: kept,
  };
}

function worldOf(workloads: number): World {
  const world = createWorld(createResources());
  for (const { kind, text: items } of pagesOf(sizeOf(workloads))) {
    for (const item of JSON.parse(items) as readonly unknown[]) world.put(kind, item);
  }
  return world;
}

/** One workload of each account, by each of the requesters. */
function reviewsOf(workloads: number): readonly string[] {
  const size = sizeOf(workloads);
  return Array.from({ length: workloads }, (_, account) =>
    needy(makeWorkload(size, 2 * account).object),
  ).flatMap((object) => {
    const workload = readWorkload(object);
    if (workload === undefined) throw new Error('made no workload');
    return Array.from({ length: REQUESTERS }, (_, at) =>
      JSON.stringify(reviewOf(object, workload, `user-${at}`)),
    );
  });
}

/** The same wherever the template is. */
function needy(object: JsonObject): JsonObject {
  const spec = objectOf(object['spec']);
  if (spec['template'] === undefined) {
    return { ...object, spec: { ...spec, jobTemplate: needy(objectOf(spec['jobTemplate'])) } };
  }
  const template = objectOf(spec['template']);
  return {
    ...object,
    spec: {
      ...spec,
      template: { ...template, metadata: { ...objectOf(template['metadata']), annotations: NEEDS } },
    },
  };
}

/** All of them in turn, with a stride, so that each workload and each requester comes as often. */
function* drawn(reviews: readonly string[], count: number): Generator<string> {
  const stride = 7919;
  for (let at = 0; at < count; at += 1) yield reviews[(at * stride) % reviews.length] ?? '';
}

async function refuse(handle: Handle, reviews: Iterable<string>): Promise<RefusalLatency> {
  const { p50Ms, p99Ms, verdicts } = await decideAll(handle, reviews);
  if (Object.keys(verdicts).join() !== 'deny') throw new Error(`not refused: ${JSON.stringify(verdicts)}`);
  return { p50Ms, p99Ms };
}

/** Of several turns the median, by each figure. */
function middle(turns: readonly RefusalLatency[]): RefusalLatency {
  const median = (of: (turn: RefusalLatency) => number) => {
    const sorted = Float64Array.from(turns.map(of)).toSorted();
    const half = sorted.length / 2;
    return ((sorted[Math.ceil(half) - 1] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2;
  };
  return { p50Ms: median(({ p50Ms }) => p50Ms), p99Ms: median(({ p99Ms }) => p99Ms) };
}

function handlerOn(facts: World, onDecision: (decided: Decided) => void): Handle {
  return createHandler({
    facts,
    settings: NO_INJECTION,
    factsMaxAgeSeconds: 300,
    now: Date.now,
    reschedulers: BUILT_IN_RESCHEDULERS,
    templatePaths: TEMPLATE_PATHS,
    onDecision,
  });
}

function counting(client: KubeClient, calls: Record<string, number>): KubeClient {
  const count = (method: string) => {
    calls[method] = (calls[method] ?? 0) + 1;
  };
  return {
    get: (...args) => (count('GET'), client.get(...args)),
    post: (...args) => (count('POST'), client.post(...args)),
    put: (...args) => (count('PUT'), client.put(...args)),
    patch: (...args) => (count('PATCH'), client.patch(...args)),
    delete: (...args) => (count('DELETE'), client.delete(...args)),
    stream: (...args) => (count('WATCH'), client.stream(...args)),
  };
}

async function storedIn(client: KubeClient): Promise<readonly JsonObject[]> {
  return listOf(objectOf(await client.get('/apis/countersign.dev/v1alpha1/denials'))['items']).map(objectOf);
}
