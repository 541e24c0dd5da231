import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectOf, textOf } from '../../../src/core/json.ts';
import { createKubeClient } from '../../../src/kube/client.ts';
import { createReflector, type Reflector, type ReflectorState } from '../../../src/kube/reflector.ts';
import {
  body,
  cut,
  type FakeKube,
  type Fault,
  silence,
  startFakeKube,
  status,
} from '../../support/fake-kube.ts';
import { createManualClock, type ManualClock, until } from './manual-clock.ts';

const PATH = '/api/v1/namespaces';
let kube: FakeKube;
let clock: ManualClock;
let stop: AbortController;
let store: Map<string, unknown>;
let seen: (string | undefined)[];
let reflector: Reflector;
let running: Promise<void>;

beforeEach(async () => {
  kube = await startFakeKube();
  clock = createManualClock();
  stop = new AbortController();
  store = new Map();
  seen = [];
});

afterEach(async () => {
  stop.abort();
  await running;
  await kube.stop();
});

function onChange({ failure }: ReflectorState): void {
  seen.push(failure?.code);
}

function start(): void {
  const sink = {
    put(object: unknown) {
      const name = nameOf(object);
      if (name !== undefined) store.set(name, objectOf(object)['value']);
      return name;
    },
    drop: (object: unknown) => void store.delete(nameOf(object) ?? ''),
    retain(keys: ReadonlySet<string>) {
      for (const key of store.keys()) if (!keys.has(key)) store.delete(key);
    },
  };
  const client = createKubeClient(kube.access, clock);
  reflector = createReflector({ client, path: PATH, sink, clock, random: () => 0.5, onChange });
  running = reflector.run(stop.signal);
}

function nameOf(object: unknown): string | undefined {
  return textOf(objectOf(objectOf(object)['metadata'])['name']);
}

function named(name: string, value = 1) {
  return { metadata: { name }, value };
}

const lists = () => kube.requests.filter((request) => request.includes('limit=')).length;
const watches = () => kube.requests.filter((request) => request.includes('watch=1'));
/** The watch is open on both sides: no request waits for the head of its answer. */
const watching = () =>
  until(() => kube.openWatches(PATH) === 1 && clock.pending().every((left) => left > 30_000));

/** The back-off is the only timer shorter than a request's deadline. */
async function passBackoff(): Promise<void> {
  await until(() => (clock.pending()[0] ?? Infinity) < 30_000);
  clock.advance(clock.pending()[0] ?? 0);
}

describe('createReflector', () => {
  it('lists, then follows every change', async () => {
    kube.put(PATH, named('a'));
    kube.put(PATH, named('b'));
    start();
    await watching();
    expect(reflector.state.synced).toBe(true);
    expect([...store]).toEqual([
      ['a', 1],
      ['b', 1],
    ]);

    kube.put(PATH, named('a', 2));
    kube.put(PATH, named('c'));
    kube.remove(PATH, named('b'));
    await until(() => store.has('c') && !store.has('b'));

    expect([...store]).toEqual([
      ['a', 2],
      ['c', 1],
    ]);
    expect(lists()).toBe(1);
  });

  it('is synced only after the last page', async () => {
    for (let index = 0; index < 501; index += 1) kube.put(PATH, named(`n-${index}`));
    kube.upset('list', PATH, (response) => {
      response.writeHead(500).end();
    });
    start();
    await until(() => reflector.state.failure !== undefined);
    expect(reflector.state.synced).toBe(false);

    await passBackoff();
    await watching();

    expect(reflector.state.synced).toBe(true);
    expect(store.size).toBe(501);
  });

  it('asks for bookmarks and a random end between four and five minutes', async () => {
    start();
    await watching();

    expect(watches()).toEqual([
      `GET ${PATH}?watch=1&allowWatchBookmarks=true&timeoutSeconds=270&resourceVersion=100`,
    ]);
  });

  it('goes on from the last bookmark when the API server ends a watch', async () => {
    start();
    await watching();
    kube.bookmark(PATH);
    kube.end(PATH);
    await until(() => watches().length === 2);

    expect(watches()[1]).toContain('resourceVersion=101');
    expect(seen).toEqual([undefined]);
    expect(lists()).toBe(1);
  });

  it('misses nothing when the connection breaks in the middle of a line', async () => {
    start();
    await watching();
    kube.put(PATH, named('a'));
    kube.write(PATH, '{"type":"ADDED","object":{"metadata":{"na');
    await until(() => store.has('a'));
    kube.end(PATH, 'cut');
    kube.put(PATH, named('b'));
    await passBackoff();
    await until(() => store.has('b'));

    expect(lists()).toBe(1);
    expect(watches()[1]).toContain('resourceVersion=101');
  });

  it('lists again after 410, and forgets what is gone by then', async () => {
    kube.put(PATH, named('a'));
    kube.put(PATH, named('b'));
    start();
    await watching();
    kube.bookmark(PATH);
    kube.end(PATH);
    kube.remove(PATH, named('a'));
    kube.compact();
    await passBackoff();
    await until(() => !store.has('a'));

    expect([...store.keys()]).toEqual(['b']);
    expect(lists()).toBe(2);
  });

  it('lists again when 410 is the answer to the watch itself', async () => {
    kube.upset('watch', PATH, status(410, 'Expired'));
    start();
    await passBackoff();
    await watching();

    expect(lists()).toBe(2);
    expect(seen).toEqual([undefined, 'ERR_KUBE_GONE', 'ERR_KUBE_GONE', undefined]);
  });

  it('starts the list over when its snapshot expires between two pages', async () => {
    for (let index = 0; index < 501; index += 1) kube.put(PATH, named(`n-${index}`));
    kube.upset('list', PATH, (response) =>
      body(JSON.stringify({ items: [named('gone')], metadata: { resourceVersion: '7', continue: 'x@0' } }))(
        response,
      ),
    );
    kube.upset('list', PATH, status(410, 'Expired'));
    start();
    await passBackoff();
    await watching();

    expect(store.size).toBe(501);
    expect(store.has('gone')).toBe(false);
  });

  it.each<[string, Fault | readonly Fault[], string]>([
    ['500', status(500), 'ERR_KUBE_REFUSED'],
    ['403', status(403, 'Forbidden'), 'ERR_KUBE_REFUSED'],
    // The first is taken for a connection that idled too long, and asked again at once.
    ['a cut connection', [cut, cut], 'ERR_KUBE_UNREACHABLE'],
    ['no JSON', body('nonsense\n'), 'ERR_KUBE_PROTOCOL'],
    ['an event of an unknown type', body('{"type":"MOVED","object":{}}\n'), 'ERR_KUBE_PROTOCOL'],
    [
      'an event without a version',
      body('{"type":"ADDED","object":{"metadata":{"name":"x"}}}\n'),
      'ERR_KUBE_PROTOCOL',
    ],
    [
      'an error event',
      body('{"type":"ERROR","object":{"code":500,"reason":"InternalError"}}\n'),
      'ERR_KUBE_REFUSED',
    ],
    ['an error event of the wrong shape', body('{"type":"ERROR","object":[]}\n'), 'ERR_KUBE_REFUSED'],
    ['an end as soon as it is open', body(''), 'ERR_KUBE_PROTOCOL'],
  ])('watches again, without a list, after a watch that meets %s', async (_case, faults, code) => {
    kube.upset('watch', PATH, ...[faults].flat());
    start();
    await until(() => reflector.state.failure !== undefined);
    expect(reflector.state.failure?.code).toBe(code);
    expect(reflector.state.synced).toBe(true);

    await passBackoff();
    await watching();

    expect(lists()).toBe(1);
    await until(() => reflector.state.failure === undefined);
  });

  it('waits longer after each failure, and little again after a success', async () => {
    kube.upset('list', PATH, status(500), status(500), status(500), status(500));
    start();
    const waits: (number | undefined)[] = [];
    for (let failure = 0; failure < 4; failure += 1) {
      await until(() => (clock.pending()[0] ?? Infinity) < 30_000);
      waits.push(clock.pending()[0]);
      clock.advance(clock.pending()[0] ?? 0);
    }
    await watching();
    clock.advance(1000);
    kube.bookmark(PATH);
    await until(() => reflector.state.ageSeconds === 0);
    kube.end(PATH, 'cut');
    await until(() => (clock.pending()[0] ?? Infinity) < 30_000);

    expect([...waits, clock.pending()[0]]).toEqual([750, 1250, 2250, 4250, 750]);
  });

  it('lists again when three watches in a row fail, since the version itself may be wrong', async () => {
    kube.upset('watch', PATH, status(500), status(500), status(500));
    start();
    for (let failure = 0; failure < 3; failure += 1) await passBackoff();
    await watching();

    expect(lists()).toBe(2);
  });

  it('gives up a watch that is silent for longer than it was to live', async () => {
    kube.upset('watch', PATH, (response) => {
      response.writeHead(200).flushHeaders();
    });
    start();
    await until(() => watches().length === 1 && clock.pending().length === 1);

    clock.advance(299_000);
    expect(reflector.state.failure).toBeUndefined();
    expect(reflector.state.ageSeconds).toBe(299);
    clock.advance(1000);
    await until(() => reflector.state.failure !== undefined);

    expect(reflector.state.failure).toMatchObject({
      code: 'ERR_KUBE_UNREACHABLE',
      message: `watch ${PATH}: no sign of life for 300 s`,
    });
    await passBackoff();
    await watching();
    await until(() => reflector.state.ageSeconds === 0);
  });

  it('stays with a watch in which bookmarks arrive', async () => {
    start();
    await watching();
    for (let minute = 1; minute <= 8; minute += 1) {
      clock.advance(60_000);
      kube.bookmark(PATH);
      await until(() => reflector.state.ageSeconds === 0);
    }

    expect(watches()).toHaveLength(1);
  });

  it('gives up a list that is never answered', async () => {
    kube.upset('list', PATH, silence);
    start();
    await until(() => lists() === 1);
    clock.advance(30_000);
    await until(() => reflector.state.failure?.code === 'ERR_DEADLINE');

    await passBackoff();
    await watching();
    expect(reflector.state.synced).toBe(true);
  });

  it('lists again past a line that is too long to be read', async () => {
    kube.upset('watch', PATH, body(`{"type":"ADDED","object":"${'x'.repeat(17 * 1024 * 1024)}"}\n`));
    start();
    await passBackoff();
    await watching();

    expect(lists()).toBe(2);
  });

  it.each<[string, readonly Fault[], () => boolean]>([
    ['while it watches', [], () => kube.openWatches(PATH) === 1],
    ['while it waits', [status(500)], () => reflector.state.failure !== undefined],
    ['before it has an answer', [silence], () => watches().length === 1],
  ])('stops %s, and leaves no timer', async (_case, faults, ready) => {
    kube.upset('watch', PATH, ...faults);
    start();
    await until(ready);

    stop.abort();
    await running;

    expect(clock.pending()).toEqual([]);
    await until(() => kube.openWatches(PATH) === 0);
  });

  it('survives an object that its sink chokes on', async () => {
    kube.put(PATH, named('a'));
    const client = createKubeClient(kube.access, clock);
    let fails = true;
    const sink = {
      put() {
        if (fails) throw new TypeError('a bug');
        return 'a';
      },
      drop: () => undefined,
      retain: () => undefined,
    };
    reflector = createReflector({
      client,
      path: PATH,
      sink,
      clock,
      random: () => 0,
      onChange: () => undefined,
    });
    running = reflector.run(stop.signal);
    await until(() => reflector.state.failure !== undefined);
    expect(reflector.state.failure?.message).toBe(`${PATH}: unexpected failure`);

    fails = false;
    await passBackoff();
    await watching();
    expect(reflector.state.synced).toBe(true);
  });
});
