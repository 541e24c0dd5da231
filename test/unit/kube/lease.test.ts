import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JsonObject, objectOf } from '../../../src/core/json.ts';
import { createLeaderElection, type LeaderElection, type LeaderWork } from '../../../src/kube/lease.ts';
import {
  createFakeObjects,
  type FakeConnection,
  type FakeFault,
  type FakeObjects,
} from '../../support/fake-objects.ts';
import { type CapturedLog, captureLog } from '../../support/log.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

const COLLECTION = '/apis/coordination.k8s.io/v1/namespaces/countersign/leases';
const PATH = `${COLLECTION}/leader`;

interface Replica {
  readonly election: LeaderElection;
  readonly kube: FakeConnection;
  readonly log: CapturedLog;
  /** What it said of itself. */
  readonly changes: readonly boolean[];
  /** Works that are under way now, and how many began in all. */
  readonly working: () => number;
  readonly terms: () => number;
  readonly stop: AbortController;
  readonly stopped: Promise<void>;
}

let clock: ManualClock;
let wall: Date;
let kube: FakeObjects;
let replicas: Replica[];

beforeEach(() => {
  clock = createManualClock();
  wall = new Date('2026-11-24T10:00:00.123Z');
  kube = createFakeObjects(clock);
  replicas = [];
});

afterEach(async () => {
  for (const { stop } of replicas) stop.abort();
  await pass(10);
  await Promise.all(replicas.map(({ stopped }) => stopped));
});

const untilAborted: LeaderWork = (signal) =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });

function start(identity: string, work: LeaderWork = untilAborted): Replica {
  const connection = kube.connect();
  const log = captureLog();
  const changes: boolean[] = [];
  let [working, terms] = [0, 0];
  const election = createLeaderElection({
    client: connection.client,
    namespace: 'countersign',
    name: 'leader',
    identity,
    clock,
    now: () => new Date(wall.getTime() + clock.now()),
    random: () => 0.5,
    log: log.logger,
    onChange: (leading) => changes.push(leading),
  });
  const stop = new AbortController();
  const stopped = election.run(stop.signal, async (signal) => {
    working += 1;
    terms += 1;
    await work(signal).finally(() => {
      working -= 1;
    });
  });
  const replica = {
    election,
    kube: connection,
    log,
    changes,
    working: () => working,
    terms: () => terms,
    stop,
    stopped,
  };
  replicas.push(replica);
  return replica;
}

/** In small steps; there are never two leaders, and never work without leadership for longer than it takes to end it. */
async function pass(seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 10; step += 1) {
    await new Promise(setImmediate);
    clock.advance(100);
    await new Promise(setImmediate);
    expect(replicas.filter(({ election }) => election.leading).length).toBeLessThanOrEqual(1);
    expect(replicas.every(({ working }) => working() <= 1)).toBe(true);
  }
}

/** @returns the seconds that passed. */
async function passUntil(done: () => boolean): Promise<number> {
  const from = clock.now();
  while (!done() && clock.now() - from < 60_000) await pass(0.1);
  return (clock.now() - from) / 1000;
}

const spec = () => objectOf(kube.objects.get(PATH)?.['spec']);

function put(changed: JsonObject): void {
  const metadata = { name: 'leader', resourceVersion: 'other' };
  kube.objects.set(PATH, { metadata, spec: changed });
}

describe('createLeaderElection', () => {
  it('creates the Lease that is missing, and leads', async () => {
    const a = start('a');
    await pass(0.1);

    expect(a.election.leading).toBe(true);
    expect(a.changes).toEqual([true]);
    expect(a.working()).toBe(1);
    expect(kube.objects.get(PATH)).toEqual({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'countersign', name: 'leader', resourceVersion: '1' },
      spec: {
        holderIdentity: 'a',
        leaseDurationSeconds: 15,
        acquireTime: '2026-11-24T10:00:00.123000Z',
        renewTime: '2026-11-24T10:00:00.123000Z',
        leaseTransitions: 0,
      },
    });
  });

  it('renews with one request every two seconds, whatever else stands in the Lease', async () => {
    const metadata = { name: 'leader', resourceVersion: '7', labels: { kept: 'yes' } };
    kube.objects.set(PATH, { metadata, spec: { leaseTransitions: 6 } });
    const a = start('a');
    await pass(0.1);
    await pass(8);

    expect(a.kube.requests.slice(2)).toEqual(Array(4).fill(`PUT ${PATH}`));
    expect(spec()).toMatchObject({
      acquireTime: '2026-11-24T10:00:00.123000Z',
      renewTime: '2026-11-24T10:00:08.123000Z',
      leaseTransitions: 7,
    });
    expect(kube.objects.get(PATH)).toMatchObject({ metadata: { labels: { kept: 'yes' } } });
  });

  it('has one leader among several', async () => {
    const all = [start('a'), start('b'), start('c')];
    await pass(60);

    expect(all.map(({ changes }) => changes)).toEqual([[true], [], []]);
  });

  it.each<[string, FakeFault]>([
    ['a cut connection', 'cut'],
    ['silence', 'silence'],
    ['an error of the API server', 500],
    ['a refusal', 403],
    ['lost answers', 'lost'],
  ])('bears %s for some seconds', async (_case, fault) => {
    const [a, b] = [start('a'), start('b')];
    await pass(3);
    a.kube.faults = { any: fault };
    await pass(5);
    a.kube.faults = {};
    await pass(30);

    expect([a.changes, b.changes]).toEqual([[true], []]);
    expect(a.terms()).toBe(1);
  });

  it.each<[string, FakeFault]>([
    ['a cut connection', 'cut'],
    ['silence', 'silence'],
    ['an error of the API server', 500],
    ['a refusal', 403],
  ])('stops before anybody else starts when it meets %s for longer', async (_case, fault) => {
    const [a, b] = [start('a'), start('b')];
    await pass(3);
    a.kube.faults = { any: fault };

    const stopped = await passUntil(() => !a.election.leading);
    expect(stopped).toBeGreaterThan(7.9);
    expect(stopped).toBeLessThanOrEqual(10);
    await pass(0.1);
    expect(a.working()).toBe(0);

    const started = stopped + (await passUntil(() => b.election.leading));
    expect(started).toBeGreaterThan(12.9);
    expect(started).toBeLessThan(20);
    expect(spec()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  it('leads again, with work begun anew, once it reaches the API server', async () => {
    const a = start('a');
    await pass(3);
    a.kube.faults = { any: 'cut' };
    await pass(20);
    a.kube.faults = {};
    await pass(5);

    expect(a.changes).toEqual([true, false, true]);
    expect(a.terms()).toBe(2);
    expect(spec()).toMatchObject({ holderIdentity: 'a', leaseTransitions: 0 });
  });

  it('does not begin a term while the work of the last one goes on', async () => {
    let finish: () => void = () => undefined;
    const a = start('a', () => new Promise((resolve) => void (finish = resolve)));
    await pass(3);
    a.kube.faults = { any: 'cut' };
    await pass(15);
    a.kube.faults = {};
    await pass(30);
    expect([a.changes, a.terms()]).toEqual([[true, false], 1]);

    finish();
    await pass(5);
    expect([a.changes, a.terms()]).toEqual([[true, false, true], 2]);
  });

  it.each([['1970-01-01T00:00:00Z'], ['2100-01-01T00:00:00Z']])(
    'does not care when the wall clock jumps to %s',
    async (moment) => {
      const [a, b] = [start('a'), start('b')];
      await pass(3);
      wall = new Date(moment);
      await pass(30);

      expect([a.changes, b.changes]).toEqual([[true], []]);
    },
  );

  it('steps down as soon as it sees that somebody else holds the Lease', async () => {
    const a = start('a');
    await pass(3);
    put({ holderIdentity: 'b', leaseDurationSeconds: 15 });
    await pass(2);

    expect(a.changes).toEqual([true, false]);
    expect(spec()).toMatchObject({ holderIdentity: 'b' });
  });

  it('creates a Lease again that was deleted under it', async () => {
    const a = start('a');
    await pass(3);
    kube.objects.clear();
    await pass(3);

    expect(a.changes).toEqual([true]);
    expect(spec()).toMatchObject({ holderIdentity: 'a' });
  });

  it.each<[string, JsonObject, number]>([
    ['nothing', {}, 0],
    ['nobody', { holderIdentity: '', leaseDurationSeconds: 15 }, 0],
    ['a holder of another type', { holderIdentity: 7 }, 0],
    ['a duration of its own', { holderIdentity: 'gone', leaseDurationSeconds: 3 }, 3],
    ['no duration', { holderIdentity: 'gone' }, 15],
    ['a duration of another type', { holderIdentity: 'gone', leaseDurationSeconds: '3' }, 15],
    ['a duration below zero', { holderIdentity: 'gone', leaseDurationSeconds: -1 }, 15],
    ['as many transitions as fit', { leaseTransitions: 2 ** 31 - 1 }, 0],
    ['transitions below zero', { leaseTransitions: -1 }, 0],
  ])('takes a Lease with %s when it has expired', async (_case, found, seconds) => {
    put(found);
    const a = start('a');
    const took = await passUntil(() => a.election.leading);

    expect(took).toBeGreaterThanOrEqual(seconds);
    expect(took).toBeLessThan(seconds + 4);
    expect(spec()['leaseTransitions']).toBeLessThan(2 ** 31);
    expect(spec()['leaseTransitions']).toBeGreaterThan(0);
  });

  it('lets go of the Lease at the end, so that the next one takes over at once', async () => {
    const [a, b] = [start('a'), start('b')];
    await pass(3);
    a.stop.abort();
    await pass(0.1);
    await a.stopped;
    expect(spec()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 });

    expect(await passUntil(() => b.election.leading)).toBeLessThan(4);
    expect(spec()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  it('lets go of the Lease even when the last renewal was written without its knowing', async () => {
    const a = start('a');
    await pass(3);
    a.kube.faults = { PUT: 'lost', GET: 'cut' };
    await pass(2);
    a.kube.faults = {};
    a.stop.abort();
    await pass(0.1);

    expect(spec()).toMatchObject({ holderIdentity: '' });
  });

  it('keeps the Lease at the end while its work goes on, and ends all the same', async () => {
    const a = start('a', () => new Promise(() => undefined));
    await pass(3);
    a.stop.abort();
    await pass(2.5);
    await a.stopped;

    expect(spec()).toMatchObject({ holderIdentity: 'a' });
  });

  it('leaves the Lease of another alone at the end', async () => {
    put({ holderIdentity: 'b', leaseDurationSeconds: 15 });
    const a = start('a');
    await pass(3);
    a.stop.abort();
    await a.stopped;

    expect(a.kube.requests.filter((request) => !request.startsWith('GET'))).toEqual([]);
  });

  it('ends within seconds when the API server is silent', async () => {
    const a = start('a');
    await pass(3);
    a.kube.faults = { any: 'silence' };
    a.stop.abort();
    await pass(4.5);

    await a.stopped;
    expect(a.election.leading).toBe(false);
    expect(clock.pending()).toEqual([]);
  });

  it('gives the Lease back when its work fails', async () => {
    const a = start('a', () => Promise.reject(new Error('a bug with a secret in it')));
    await pass(0.1);
    const b = start('b');
    await pass(3);

    expect(a.changes.slice(0, 2)).toEqual([true, false]);
    expect(b.election.leading).toBe(true);
    expect(a.log.lines.join('')).toContain('the work of the leader failed');
    expect(a.log.lines.join('')).not.toContain('secret');
  });

  it('goes on leading when its work is done', async () => {
    const a = start('a', () => Promise.resolve());
    await pass(20);

    expect([a.changes, a.terms()]).toEqual([[true], 1]);
  });

  it('says once which scope is missing', async () => {
    const a = start('a');
    a.kube.faults = { any: 403 };
    await pass(20);
    expect(a.log.entries()).toEqual([
      {
        level: 'warn',
        msg: 'the leader lease failed',
        lease: 'countersign/leader',
        failure: 'missing: get,create,update leases.coordination.k8s.io in countersign',
      },
    ]);

    a.kube.faults = {};
    await pass(5);
    a.kube.faults = { PUT: 403 };
    await pass(5);
    expect(a.log.entries().map(({ msg }) => msg)).toEqual([
      'the leader lease failed',
      'leading',
      'the leader lease failed',
    ]);
  });
});
