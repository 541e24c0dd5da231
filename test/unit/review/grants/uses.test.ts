import { beforeEach, describe, expect, it } from 'vitest';
import type { Decided } from '../../../../src/admit/handler.ts';
import { objectOf } from '../../../../src/core/json.ts';
import type { Notice } from '../../../../src/core/notice.ts';
import { pathOf } from '../../../../src/review/grants/entry.ts';
import { createGrantUses, type GrantUses } from '../../../../src/review/grants/uses.ts';
import { createFakeObjects, type FakeConnection, type FakeObjects } from '../../../support/fake-objects.ts';
import { APPROVED_MS, grantObject } from '../../../support/grants.ts';
import { createManualClock, type ManualClock } from '../../kube/manual-clock.ts';

const PATH = pathOf('accessgrants', { namespace: 'shop', name: 'debug' });
const COLLECTION = '/apis/countersign.dev/v1alpha1/namespaces/shop/accessgrants';

let clock: ManualClock;
let kube: FakeObjects;
let notices: Notice[];
let drops: Record<string, number>;
let counted: number;
let said: string[];

interface Replica extends GrantUses {
  readonly connection: FakeConnection;
  readonly stop: () => Promise<void>;
}

beforeEach(async () => {
  clock = createManualClock();
  kube = createFakeObjects(clock);
  notices = [];
  drops = {};
  counted = 0;
  said = [];
  await kube.connect().client.post(COLLECTION, grantObject(['get secrets']));
});

function replica(keys?: number): Replica {
  const connection = kube.connect();
  const stop = new AbortController();
  const uses = createGrantUses({
    client: connection.client,
    clock,
    random: () => 0.5,
    now: () => new Date(APPROVED_MS + clock.now()),
    ...(keys !== undefined && { limits: { keys } }),
    notify: (notice) => void notices.push(notice),
    onUsed: (count) => void (counted += count),
    onDrop: (reason, count) => void (drops[reason] = (drops[reason] ?? 0) + count),
    onRefused: (message) => void said.push(message),
  });
  const running = uses.run(stop.signal);
  return {
    ...uses,
    connection,
    async stop() {
      stop.abort();
      await running;
    },
  };
}

function decided(answer: Partial<Decided['answer']> = {}, dryRun = false): Decided {
  return {
    request: { dryRun, namespace: 'shop' } as Decided['request'],
    answer: { verdict: 'allow', codes: [], grants: ['shop/debug'], ...answer },
  };
}

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(1000);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

const status = () => objectOf(kube.objects.get(PATH)?.['status']);

describe('uses of a grant', () => {
  it('are counted together and written within a few seconds', async () => {
    const one = replica();
    for (let times = 0; times < 40; times += 1) one.onDecision(decided());
    await pass(7);

    expect(status()).toEqual({ uses: 40, lastUsed: '2026-01-31T12:00:00Z' });
    expect(one.connection.requests).toEqual([`GET ${PATH}`, `PATCH ${PATH}/status`]);
    expect(counted).toBe(40);
    await one.stop();
  });

  it('add up over replicas that write at once, and are told of once', async () => {
    const replicas = [replica(), replica(), replica()];
    for (let round = 0; round < 4; round += 1) {
      for (const one of replicas) one.onDecision(decided({ verdict: 'warn' }));
      await pass(7);
    }

    expect(status()['uses']).toBe(12);
    expect(notices.map(({ event, text }) => `${event} ${text}`)).toEqual([
      'GrantUsed grant shop/debug is used for the first time',
    ]);
    await Promise.all(replicas.map((one) => one.stop()));
  });

  it.each<[string, Decided]>([
    ['a refusal, some of which is waived', decided({ verdict: 'deny' })],
    ['an error', decided({ verdict: 'error' })],
    ['a dry run', decided({}, true)],
    ['an admission without grants', decided({ grants: [] })],
  ])('are not %s', async (_, no) => {
    const one = replica();
    one.onDecision(no);
    await pass(7);

    expect([counted, one.connection.requests]).toEqual([0, []]);
    await one.stop();
  });

  it('are written when the process ends', async () => {
    const one = replica();
    one.onDecision(decided());
    await one.stop();

    expect(status()['uses']).toBe(1);
  });

  it('are counted where they cannot be written, and said once', async () => {
    const one = replica();
    one.connection.faults = { GET: 403 };
    for (const name of ['a', 'b']) one.onDecision(decided({ grants: [`shop/${name}`] }));
    await pass(7);

    expect(drops).toEqual({ refused: 2 });
    expect(said).toEqual(['refused here']);
    await one.stop();
  });

  it('of a grant that is gone are dropped without a word', async () => {
    const one = replica();
    one.onDecision(decided({ grants: ['shop/gone'] }));
    await pass(7);

    expect([drops, said]).toEqual([{ refused: 1 }, []]);
    await one.stop();
  });

  it('of more grants than there is room for are counted as dropped', async () => {
    const one = replica(10);
    for (let at = 0; at < 100; at += 1) one.onDecision(decided({ grants: [`shop/g-${at}`] }));

    expect(drops).toEqual({ overflow: 90 });
    await one.stop();
  });
});
