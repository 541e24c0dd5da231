import { createInterface } from 'node:readline';
import { createHandler } from '../../src/admit/handler.ts';
import { BUILT_IN_RESCHEDULERS } from '../../src/core/admission/reschedulers.ts';
import { readWorkload, TEMPLATE_PATHS } from '../../src/core/admission/workload.ts';
import { NO_INJECTION } from '../../src/core/inject/settings.ts';
import { createResources } from '../../src/core/scope/resources.ts';
import { WORLD_KINDS, type WorldKind } from '../../src/facts/kinds.ts';
import { createWorld, type World } from '../../src/facts/world.ts';
import { reviewOf } from '../demo/reviews.ts';
import { type Random, randomOf } from './random.ts';
import type { Latency, Scale } from './scale-page.ts';
import { makeWorkload } from './workloads.ts';
import { makeBinding, makeRole, sizeOf, type WorldSize } from './world.ts';

/**
 * `node --expose-gc scale.ts ACCOUNTS SECONDS < PAGES`: reads one world in a process of its own, which holds nothing else,
 * and prints one line of JSON.
 */

const [accounts = 0, seconds = 0] = process.argv.slice(2).map(Number);
const CHANGES_PER_SECOND = 100;
const CHANGE_MS = 10;
const REVIEWS = 5_000;
const KINDS = Object.keys(WORLD_KINDS) as readonly WorldKind[];

const collectGarbage = globalThis.gc;
if (collectGarbage === undefined) throw new Error('needs node --expose-gc');
const size = sizeOf(accounts);
console.log(JSON.stringify(await measured(size, collectGarbage)));

async function measured(of: WorldSize, gc: NodeJS.GCFunction): Promise<Scale> {
  const before = kept(gc);
  const world = createWorld(createResources());
  const built = await read(world);
  const keptMiB = kept(gc) - before;
  const rssMiB = process.memoryUsage.rss() / 2 ** 20;
  const reviews = reviewTexts(of);
  // Once for the compiler.
  await decide(world, reviews, 1);
  const idle = await decide(world, reviews, seconds);
  const changes = startChanges(world, of);
  const changing = await decide(world, reviews, seconds);
  return {
    ...of,
    ...built,
    keptMiB,
    rssMiB,
    idle,
    changing,
    changes: changes.stop(),
    changingSeconds: seconds,
  };
}

/** What is held on to, in the heap and in buffers. */
function kept(gc: NodeJS.GCFunction): number {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** As lists deliver it: page after page of JSON, each a line `KIND [ITEM,…]`. */
async function read(world: World): Promise<Pick<Scale, 'objects' | 'listBytes' | 'parseMs' | 'indexMs'>> {
  const total = { objects: 0, listBytes: 0, parseMs: 0, indexMs: 0 };
  for await (const line of createInterface(process.stdin)) {
    const space = line.indexOf(' ');
    const kind = KINDS.find((known) => known === line.slice(0, space));
    if (kind === undefined) throw new Error(`no kind: ${line.slice(0, 80)}`);
    const text = line.slice(space);
    const began = performance.now();
    const items: readonly unknown[] = JSON.parse(text);
    const parsed = performance.now();
    for (const item of items) world.put(kind, item);
    total.indexMs += performance.now() - parsed;
    total.parseMs += parsed - began;
    total.listBytes += text.length;
    total.objects += items.length;
  }
  return total;
}

/** Somebody applies the workload of an account, drawn at random. */
function reviewTexts(of: WorldSize): readonly string[] {
  const random = randomOf('reviews');
  return Array.from({ length: REVIEWS }, () => {
    const { object } = makeWorkload(of, 2 * Math.floor(random() * of.accounts));
    const workload = readWorkload(object);
    if (workload === undefined) throw new Error('made no workload');
    return JSON.stringify(reviewOf(object, workload, 'jane'));
  });
}

/**
 * One decision after the other, the event loop turned in between, so that a change which comes in first is waited for as
 * it would be. The yardstick is the parsing of the very same reviews, which no webhook gets around.
 */
async function decide(world: World, reviews: readonly string[], forSeconds: number): Promise<Latency> {
  const settings = { facts: world, settings: NO_INJECTION, factsMaxAgeSeconds: 300, now: Date.now };
  const handle = createHandler({
    ...settings,
    reschedulers: BUILT_IN_RESCHEDULERS,
    templatePaths: TEMPLATE_PATHS,
  });
  const deadline = new AbortController().signal;
  const random = randomOf('decisions');
  const decisions: number[] = [];
  const parses: number[] = [];
  const verdicts: Record<string, number> = {};
  const end = performance.now() + forSeconds * 1000;
  while (performance.now() < end) {
    const text = draw(reviews, random);
    const began = performance.now();
    const body: unknown = JSON.parse(text);
    const parsed = performance.now();
    await turn();
    const { record } = await handle('change', body, { deadline });
    decisions.push(performance.now() - parsed);
    parses.push(parsed - began);
    verdicts[record.verdict] = (verdicts[record.verdict] ?? 0) + 1;
  }
  return {
    ...percentiles(decisions),
    parseP50Ms: percentiles(parses).p50Ms,
    decisions: decisions.length,
    verdicts,
  };
}

function draw(reviews: readonly string[], random: Random): string {
  return reviews[Math.floor(random() * reviews.length)] ?? '';
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function percentiles(times: readonly number[]): { p50Ms: number; p99Ms: number } {
  const sorted = Float64Array.from(times).toSorted();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** Bindings, roles and workloads in turn become otherwise, as their watches say it: a line of JSON each. */
function startChanges(world: World, of: WorldSize): { stop(): number } {
  const texts: { kind: WorldKind; text: string }[] = [];
  const random = randomOf('changes');
  const at = (count: number) => Math.floor(random() * count);
  for (let change = 0; change < CHANGES_PER_SECOND * seconds; change += 1) {
    const { kind, object } = [
      () => makeBinding(of, at(of.bindings), 1),
      () => makeRole(of, at(of.roles), 1),
      () => makeWorkload(of, at(of.workloads), 1),
    ][change % 3]?.() ?? { kind: 'Role', object: {} };
    texts.push({ kind, text: JSON.stringify(object) });
  }
  let done = 0;
  const began = performance.now();
  const timer = setInterval(() => {
    const due = Math.min(texts.length, Math.floor(((performance.now() - began) / 1000) * CHANGES_PER_SECOND));
    for (; done < due; done += 1) {
      const next = texts[done];
      if (next !== undefined) world.put(next.kind, JSON.parse(next.text));
    }
  }, CHANGE_MS);
  return {
    stop() {
      clearInterval(timer);
      return done;
    },
  };
}
