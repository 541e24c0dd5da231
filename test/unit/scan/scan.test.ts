import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { createWorld, type World } from '../../../src/facts/world.ts';
import { runScan } from '../../../src/scan/scan.ts';
import { createFakeObjects, type FakeConnection } from '../../support/fake-objects.ts';
import { TEST_RESOURCES } from '../../support/resources.ts';
import { workloadObject } from '../../support/workload.ts';
import { createManualClock, type ManualClock, until } from '../kube/manual-clock.ts';

const COLLECTION = '/apis/countersign.dev/v1alpha1/scopepolicies';
const STATUS = `PATCH ${COLLECTION}/p/status`;

function policy(spec: JsonObject): JsonObject {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ScopePolicy',
    metadata: { name: 'p', generation: 1, resourceVersion: '7' },
    spec,
  };
}

const DENYING = policy({ onChange: { missing: 'Deny' } });

let clock: ManualClock;
let world: World;
let api: FakeConnection;
let stored: Map<string, JsonObject>;
let stop: AbortController;
let running: Promise<void>;
let counted: (number | undefined)[];
let warned: string[];
let synced: boolean;

beforeEach(() => {
  clock = createManualClock();
  synced = true;
  world = createWorld(TEST_RESOURCES, () => ({ synced, ageSeconds: 0 }));
  world.put('ScopePolicy', DENYING);
  world.put('Deployment', workloadObject({ annotations: { 'countersign.dev/needs': 'get pods' } }));
  const fake = createFakeObjects(clock);
  stored = fake.objects;
  api = fake.connect();
  stored.set(COLLECTION, { metadata: { resourceVersion: '9' }, items: [DENYING] });
  stored.set(`${COLLECTION}/p/status`, DENYING);
  stop = new AbortController();
  counted = [];
  warned = [];
});

afterEach(async () => {
  stop.abort();
  await running;
});

function start(): void {
  running = runScan(
    {
      facts: world,
      client: api.client,
      clock,
      now: () => new Date('2026-02-03T04:05:06Z'),
      factsMaxAgeSeconds: 300,
      log: { warn: (_message, { failure }) => warned.push(failure) },
      onCounted: (reaches) => counted.push(reaches.get('p')?.wouldDeny),
    },
    stop.signal,
  );
}

const writes = () => api.requests.filter((line) => line === STATUS).length;

/** Lets the scan look again, as often as it takes. */
async function lookUntil(done: () => boolean): Promise<void> {
  await until(() => {
    if (done()) return true;
    clock.advance(1000);
    return false;
  });
}

describe('the scan', () => {
  it('counts and writes what it counted', async () => {
    start();
    await until(() => writes() === 1);

    expect(counted).toEqual([1]);
    expect(stored.get(`${COLLECTION}/p/status`)).toMatchObject({
      status: { matchedWorkloads: 1, wouldDeny: 1, mode: 'Enforce' },
    });
  });

  it('waits for the facts', async () => {
    synced = false;
    start();
    for (const _ of Array(5)) {
      clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(counted).toEqual([]);
    synced = true;
    await lookUntil(() => writes() === 1);
  });

  it('looks at a policy within a second of its change, and not at its own writing', async () => {
    start();
    await until(() => writes() === 1);
    world.put('ScopePolicy', { ...DENYING, status: { wouldDeny: 1 } });
    clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(writes()).toBe(1);

    world.put('ScopePolicy', policy({ onChange: { missing: 'Warn' } }));
    await until(() => clock.pending().length > 0);
    clock.advance(1000);
    await until(() => writes() === 2);
    expect(counted).toEqual([1, 0]);
  });

  it('counts again after five minutes', async () => {
    start();
    await until(() => writes() === 1 && clock.pending().length > 0);
    clock.advance(5 * 60_000);
    await until(() => writes() === 2);
  });

  it.each<[number, readonly string[]]>([
    [409, []],
    [404, []],
    [403, [`PATCH ${COLLECTION}/p/status: 403: refused here`]],
  ])('goes on when a write is refused with %i', async (code, want) => {
    api.faults = { PATCH: code };
    start();
    await until(() => writes() === 1 && clock.pending().length > 0);
    expect(warned).toEqual(want);
    api.faults = {};
    clock.advance(5 * 60_000);
    await until(() => writes() === 2);
  });

  it('forgets its counts when the leadership is over', async () => {
    start();
    await until(() => writes() === 1);
    stop.abort();
    await running;

    expect(counted).toEqual([1, undefined]);
  });
});
