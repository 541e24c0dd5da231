import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectOf, textOf } from '../../../src/core/json.ts';
import type { EventEntry } from '../../../src/review/event.ts';
import type { EventLimits } from '../../../src/review/event-queue.ts';
import { createEventRecorder, type EventRecorder } from '../../../src/review/events.ts';
import {
  createFakeObjects,
  type FakeConnection,
  type FakeFault,
  type FakeObjects,
} from '../../support/fake-objects.ts';
import { createManualClock, type ManualClock } from '../kube/manual-clock.ts';

const PATH = '/apis/events.k8s.io/v1/namespaces/shop/events';
let clock: ManualClock;
let kube: FakeObjects;
let connection: FakeConnection;
let drops: Record<string, number>;
let forbidden: unknown[];
let stop: AbortController;
let running: Promise<void>;

beforeEach(() => {
  clock = createManualClock();
  kube = createFakeObjects(clock);
  connection = kube.connect();
  drops = {};
  forbidden = [];
  stop = new AbortController();
  running = Promise.resolve();
});

afterEach(async () => {
  stop.abort();
  await pass(2);
  await running;
});

/** Without limits of the rate, unless the test is about them. */
const FREE = { burst: Infinity, perMinute: 0 };

function start(limits: Partial<EventLimits> = {}): EventRecorder {
  const recorder = createEventRecorder({
    client: connection.client,
    clock,
    now: () => new Date(Date.UTC(2026, 10, 24, 10) + clock.now()),
    random: () => 0.5,
    instance: 'pod-1',
    limits: { perObject: FREE, inAll: FREE, ...limits },
    onDrop(reason, entries) {
      drops[reason] = (drops[reason] ?? 0) + entries;
    },
    onForbidden: (failure) => forbidden.push(failure),
  });
  running = recorder.run(stop.signal);
  return recorder;
}

function entry(key: string, name = 'api'): EventEntry {
  const regarding = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name };
  return { regarding, type: 'Warning', reason: 'ScopeDenied', action: 'Admission', note: key, key };
}

async function pass(seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 4; step += 1) {
    await new Promise(setImmediate);
    clock.advance(250);
    await new Promise(setImmediate);
  }
}

/** `note` → count of each Event that was written. */
function counts(): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...kube.objects.values()].map((event) => [
      textOf(event['note']),
      objectOf(event['series'])['count'] ?? 1,
    ]),
  );
}

function recordMany(recorder: EventRecorder, count: number, object?: string): void {
  for (let index = 0; index < count; index += 1) recorder.record(entry(`k-${index}`, object ?? `o-${index}`));
}

describe('createEventRecorder', () => {
  it('writes what it is told, a moment later', async () => {
    const recorder = start();
    recorder.record(entry('a'));
    expect(connection.requests).toEqual([]);
    await pass(1);

    expect(connection.requests).toEqual([`POST ${PATH}`]);
    expect([...kube.objects.values()]).toEqual([
      expect.objectContaining({ eventTime: '2026-11-24T10:00:00.000000Z', note: 'a' }),
    ]);
  });

  it('does nothing while there is nothing to do', async () => {
    start();
    await pass(5);

    expect(clock.pending()).toEqual([]);
  });

  it('makes one Event of what comes at once', async () => {
    const recorder = start();
    for (let times = 0; times < 3; times += 1) recorder.record(entry('a'));
    await pass(1);

    expect(connection.requests).toEqual([`POST ${PATH}`]);
    expect(counts()).toEqual({ a: 3 });
  });

  it('counts on in the same Event when it happens again', async () => {
    const recorder = start();
    recorder.record(entry('a'));
    recorder.record(entry('b'));
    await pass(100);
    recorder.record(entry('a'));
    await pass(2);

    const [first] = kube.objects.keys();
    expect(connection.requests).toEqual([`POST ${PATH}`, `POST ${PATH}`, `PATCH ${first}`]);
    expect(counts()).toEqual({ a: 2, b: 1 });
    expect(kube.objects.get(first ?? '')).toMatchObject({
      eventTime: '2026-11-24T10:00:00.000000Z',
      series: { count: 2, lastObservedTime: '2026-11-24T10:01:40.000000Z' },
    });
  });

  it('begins a new Event when it happens again after a long time', async () => {
    const recorder = start({ windowSeconds: 60 });
    recorder.record(entry('a'));
    await pass(62);
    recorder.record(entry('a'));
    await pass(2);

    expect(connection.requests).toEqual([`POST ${PATH}`, `POST ${PATH}`]);
    expect(kube.objects.size).toBe(2);
  });

  it('keeps to one Event as long as it goes on', async () => {
    const recorder = start({ windowSeconds: 60 });
    for (let times = 0; times < 5; times += 1) {
      recorder.record(entry('a'));
      await pass(40);
    }

    expect(counts()).toEqual({ a: 5 });
    expect(kube.objects.size).toBe(1);
  });

  it('remembers only so many Events', async () => {
    const recorder = start({ remembered: 2 });
    recordMany(recorder, 3);
    await pass(2);
    recorder.record(entry('k-0', 'o-0'));
    recorder.record(entry('k-2', 'o-2'));
    await pass(2);

    expect(connection.requests.map((request) => request.split(' ')[0])).toEqual([
      'POST',
      'POST',
      'POST',
      'POST',
      'PATCH',
    ]);
  });

  it('writes the Event again that somebody deleted', async () => {
    const recorder = start();
    recorder.record(entry('a'));
    await pass(2);
    kube.objects.clear();
    recorder.record(entry('a'));
    await pass(2);

    expect(counts()).toEqual({ a: 2 });
    expect(drops).toEqual({});
  });

  it.each([
    [1, { a: 1 }],
    [2, { a: 2 }],
  ])('does not write twice what was written without an answer, %i entries', async (entries, written) => {
    connection.faults = { POST: 'lost' };
    const recorder = start();
    recorder.record(entry('a'));
    await pass(1);
    connection.faults = {};
    for (let more = 1; more < entries; more += 1) recorder.record(entry('a'));
    await pass(3);

    expect(kube.objects.size).toBe(1);
    expect(counts()).toEqual(written);
    expect([...kube.objects.values()].filter(({ series }) => series !== undefined)).toHaveLength(entries - 1);
  });

  it('lets go what comes while too much waits, and counts it', async () => {
    const recorder = start({ pending: 3 });
    recordMany(recorder, 5);
    recorder.record(entry('k-0', 'o-0'));
    await pass(2);

    expect(counts()).toEqual({ 'k-0': 2, 'k-1': 1, 'k-2': 1 });
    expect(drops).toEqual({ overflow: 2 });
  });

  it('writes only so much about one object, and others do not wait for it', async () => {
    const recorder = start({ perObject: { burst: 3, perMinute: 2 } });
    recordMany(recorder, 5, 'loud');
    recorder.record(entry('other', 'quiet'));
    await pass(2);
    expect(counts()).toEqual({ 'k-0': 1, 'k-1': 1, 'k-2': 1, other: 1 });
    expect(drops).toEqual({ limited: 2 });

    recorder.record(entry('k-0', 'loud'));
    recorder.record(entry('other', 'quiet'));
    await pass(2);
    expect(counts()).toEqual({ 'k-0': 1, 'k-1': 1, 'k-2': 1, other: 2 });
    await pass(30);
    expect(counts()).toMatchObject({ 'k-0': 2 });
  });

  it('writes only so much in all, a batch at a time', async () => {
    const recorder = start({ inAll: { burst: 30, perMinute: 60 } });
    recordMany(recorder, 50);
    await pass(1);
    expect(kube.objects.size).toBe(20);
    await pass(1);
    expect(kube.objects.size).toBe(31);
    await pass(20);

    expect(kube.objects.size).toBe(50);
    expect(drops).toEqual({});
  });

  it.each<FakeFault>([400, 403, 404, 413, 422])(
    'lets go what is refused with %i, and goes on',
    async (code) => {
      connection.faults = { POST: code };
      const recorder = start();
      recorder.record(entry('a'));
      await pass(2);
      connection.faults = {};
      recorder.record(entry('a'));
      recorder.record(entry('b'));
      await pass(2);

      expect(counts()).toEqual({ a: 1, b: 1 });
      expect(drops).toEqual({ refused: 1 });
      expect(connection.requests).toHaveLength(3);
    },
  );

  it('says once which scope is missing, until a write succeeds', async () => {
    const told = { missing: 'create,patch events.events.k8s.io in shop', message: 'refused here' };
    connection.faults = { POST: 403 };
    const recorder = start();
    recordMany(recorder, 3);
    await pass(2);
    expect(forbidden).toEqual([told]);
    connection.faults = {};
    recorder.record(entry('a'));
    await pass(2);
    connection.faults = { PATCH: 403 };
    recorder.record(entry('a'));
    await pass(2);

    expect(forbidden).toEqual([told, told]);
    expect(drops).toEqual({ refused: 4 });
  });

  it.each<FakeFault>(['cut', 'silence', 429, 500, 503])('bears %s, and loses nothing', async (fault) => {
    connection.faults = { any: fault };
    const recorder = start();
    recordMany(recorder, 3);
    await pass(8);
    recorder.record(entry('k-1'));
    connection.faults = {};
    await pass(60);

    expect(counts()).toEqual({ 'k-0': 1, 'k-1': 2, 'k-2': 1 });
    expect(drops).toEqual({});
  });

  it('tries less and less often, and gives a write up in the end', async () => {
    connection.faults = { any: 503 };
    const recorder = start({ attempts: 3 });
    recorder.record(entry('a'));
    recorder.record(entry('a'));
    recorder.record(entry('b'));
    await pass(8);
    expect(connection.requests).toHaveLength(4);
    await pass(120);

    expect(connection.requests).toHaveLength(6);
    expect(drops).toEqual({ failed: 3 });
  });

  it('begins to count failures anew after a success', async () => {
    const recorder = start({ attempts: 3 });
    for (let round = 0; round < 3; round += 1) {
      connection.faults = { any: 503 };
      recorder.record(entry('a'));
      await pass(2.5);
      connection.faults = {};
      await pass(10);
    }
    expect(drops).toEqual({});
    expect(counts()).toEqual({ a: 3 });

    recorder.record(entry('b'));
    await pass(1);
    expect(counts()).toEqual({ a: 3, b: 1 });
  });

  it('is not held up by one write that always fails', async () => {
    connection.faults = { [`POST ${PATH.replace('shop', 'odd')}`]: 500 };
    const recorder = start();
    const odd = entry('odd');
    recorder.record({ ...odd, regarding: { ...odd.regarding, namespace: 'odd' } });
    recordMany(recorder, 3);
    await pass(4);
    expect(counts()).toEqual({ 'k-0': 1, 'k-1': 1, 'k-2': 1 });

    await pass(60);
    expect(drops).toEqual({ failed: 1 });
  });

  it('writes at the end what still waits', async () => {
    const recorder = start();
    recordMany(recorder, 40);
    stop.abort();
    await running;

    expect(kube.objects.size).toBe(40);
    expect(drops).toEqual({});
  });

  it('takes two seconds at most for that', async () => {
    connection.faults = { any: 'silence' };
    const recorder = start();
    recordMany(recorder, 4);
    await pass(1.5);
    stop.abort();
    await pass(2);
    await running;

    expect(drops).toEqual({ stopped: 4 });
    expect(clock.pending()).toEqual([]);
  });
});
