import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CountersignError } from '../../../src/core/errors.ts';
import { refused } from '../../../src/kube/refusal.ts';
import { createDeltas, type DeltaLimits, type Deltas } from '../../../src/review/deltas.ts';
import { createManualClock, type ManualClock } from '../kube/manual-clock.ts';

let clock: ManualClock;
let stop: AbortController;
let running: Promise<void>;
let written: [seconds: number, key: string, delta: number][];
let drops: [reason: string, delta: number][];
/** What the next writes meet. */
let faults: (Error | undefined)[];

beforeEach(() => {
  clock = createManualClock();
  stop = new AbortController();
  running = Promise.resolve();
  [written, drops, faults] = [[], [], []];
});

afterEach(async () => {
  stop.abort();
  await pass(3);
  await running;
});

function start(limits: Partial<DeltaLimits> = {}): Deltas<number> {
  const deltas = createDeltas<number>({
    clock,
    random: () => 0,
    limits,
    merge: (older, newer) => older + newer,
    weight: (delta) => delta,
    async write(key, delta) {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      written.push([Math.floor(clock.now() / 1000), key, delta]);
    },
    onDrop: (reason, delta) => drops.push([reason, delta]),
  });
  running = deltas.run(stop.signal);
  return deltas;
}

async function pass(seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 2; step += 1) {
    await new Promise(setImmediate);
    clock.advance(500);
    await new Promise(setImmediate);
  }
}

const lost = new CountersignError('ERR_KUBE_UNREACHABLE', 'cut', { retryable: true });
const refusal = (code: number) => refused('PATCH /x', { code, reason: '', message: 'no' });

describe('changes that wait to be written', () => {
  it('are written together after five seconds, an urgent one within one', async () => {
    const deltas = start();
    deltas.add('a', 1);
    deltas.add('b', 1, 'urgent');
    deltas.add('a', 2);
    await pass(7);

    expect(written).toEqual([
      [1, 'b', 1],
      [5, 'a', 3],
    ]);
    expect([deltas.size, deltas.has('a')]).toEqual([0, false]);
  });

  it.each<[string, Error]>([
    ['no answer comes', lost],
    ['somebody else is faster', refusal(409)],
    ['the API server is busy', refusal(503)],
  ])('are written again where %s', async (_, fault) => {
    const deltas = start();
    faults = [fault, fault, fault, fault];
    deltas.add('a', 1);
    await pass(6);
    deltas.add('a', 2);
    await pass(20);

    expect(written.map(([, key, delta]) => [key, delta])).toEqual([['a', 3]]);
    expect(drops).toEqual([]);
  });

  it.each<[string, Error, string]>([
    ['it is forbidden', refusal(403), 'refused'],
    ['its namespace is gone', refusal(404), 'refused'],
    ['something is wrong with it', new TypeError('bug'), 'failed'],
  ])('are dropped where %s, and the others are written', async (_, fault, reason) => {
    const deltas = start();
    faults = [fault];
    deltas.add('a', 1);
    deltas.add('b', 2);
    await pass(7);

    expect(drops).toEqual([[reason, 1]]);
    expect(written).toMatchObject([[5, 'b', 2]]);
  });

  it('are given up after so many tries', async () => {
    const deltas = start({ attempts: 3 });
    faults = [lost, lost, lost];
    deltas.add('a', 4);
    await pass(30);

    expect(drops).toEqual([['failed', 4]]);
    expect(written).toEqual([]);
  });

  it('stay few however many come: of the oldest the lightest goes', async () => {
    const deltas = start({ keys: 3 });
    deltas.add('heavy', 9);
    deltas.add('light', 1);
    for (let at = 0; at < 1000; at += 1) deltas.add(`new-${at}`, 1);

    expect(deltas.size).toBe(3);
    await pass(7);

    expect(written.map(([, key]) => key)).toEqual(['heavy', 'new-998', 'new-999']);
    expect(drops).toHaveLength(999);
  });

  it('are written at a rate, all of them in the end', async () => {
    const deltas = start({ writesPerSecond: 10 });
    for (let at = 0; at < 100; at += 1) deltas.add(`k-${at}`, 1, 'urgent');
    await pass(2);

    expect(written.length).toBeLessThanOrEqual(20);
    await pass(12);

    expect(written).toHaveLength(100);
  });

  it('are written once more at the end', async () => {
    const deltas = start();
    deltas.add('a', 1);
    deltas.add('b', 2);
    await pass(1);
    faults = [undefined, refusal(403)];
    stop.abort();
    await running;

    expect(written.map(([, key]) => key)).toEqual(['a']);
    expect(drops).toEqual([['refused', 2]]);
  });

  it('are counted as lost where the end comes without an answer', async () => {
    const deltas = start();
    deltas.add('a', 1);
    deltas.add('b', 2);
    await pass(1);
    faults = [lost];
    stop.abort();
    await running;

    expect(drops).toEqual([
      ['stopped', 2],
      ['stopped', 1],
    ]);
  });
});
