import { createInterface } from 'node:readline';
import { readWorkload } from '../../src/core/admission/workload.ts';
import { createResources } from '../../src/core/scope/resources.ts';
import { WATCHED_KINDS, type WatchedKind } from '../../src/facts/kinds.ts';
import { createWorld, type World } from '../../src/facts/world.ts';
import { reviewOf } from '../demo/reviews.ts';
import { decide, handlerOn } from './decisions.ts';
import { keptMiB, rssMiB } from './heap.ts';
import { randomOf } from './random.ts';
import type { Scale } from './scale-page.ts';
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
const KINDS = Object.keys(WATCHED_KINDS) as readonly WatchedKind[];

console.log(JSON.stringify(await measured(sizeOf(accounts))));

async function measured(of: WorldSize): Promise<Scale> {
  const before = keptMiB();
  const world = createWorld(createResources());
  const built = await read(world);
  const memory = { keptMiB: keptMiB() - before, rssMiB: rssMiB() };
  const handle = handlerOn(world);
  const reviews = reviewTexts(of);
  // Once for the compiler.
  await decide(handle, reviews, 1);
  const idle = await decide(handle, reviews, seconds);
  const changes = startChanges(world, of);
  const changing = await decide(handle, reviews, seconds);
  return {
    ...of,
    ...built,
    ...memory,
    idle,
    changing,
    changes: changes.stop(),
    changingSeconds: seconds,
  };
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

/** Bindings, roles and workloads in turn become otherwise, as their watches say it: a line of JSON each. */
function startChanges(world: World, of: WorldSize): { stop(): number } {
  const texts: { kind: WatchedKind; text: string }[] = [];
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
