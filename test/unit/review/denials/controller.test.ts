import { beforeEach, describe, expect, it } from 'vitest';
import type { DenialStatus } from '../../../../src/api/denial.ts';
import { type JsonObject, objectOf } from '../../../../src/core/json.ts';
import { refusal } from '../../../../src/review/denials/change.ts';
import {
  type DenialControllerOptions,
  keepDenials,
  keepOnce,
} from '../../../../src/review/denials/controller.ts';
import { denialPath } from '../../../../src/review/denials/entry.ts';
import { worldOf } from '../../../support/admission.ts';
import {
  createReplicas,
  DENIAL_SETTINGS,
  type Replica,
  type Replicas,
} from '../../../support/denial-replicas.ts';
import { DENIED_MS, type DenialOptions, denialObject } from '../../../support/denials.ts';
import { decisionObject, grant, grantObject } from '../../../support/grants.ts';
import { workloadObject } from '../../../support/workload.ts';

const SIGNAL = new AbortController().signal;
const NAME = 'd-00000001';
const POLICY: JsonObject = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'strict' },
  spec: { onChange: { missing: 'Deny' }, grants: { maxDuration: '30m', mayWaive: ['missing'] } },
};
const NEEDS = { annotations: { 'countersign.dev/needs': 'get pods' } };
const ACCOUNT = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { namespace: 'shop', name: 'api', uid: 'a-1' },
};

let world: Replicas;
let replica: Replica;
let ran: Map<string, number>;
let failures: string[];

beforeEach(() => {
  world = createReplicas();
  replica = world.start();
  ran = new Map();
  failures = [];
});

async function store(...given: readonly DenialOptions[]): Promise<void> {
  for (const one of given) {
    const { namespace = 'shop', name = NAME } = one;
    world.kube.objects.set(denialPath({ namespace, name }), denialObject(one));
  }
  await world.pass(0);
}

const UNTOLD = {
  factsMaxAgeSeconds: 300,
  scrub: (text: string) => text,
  onWrite: () => {},
  onFailure: (message: string) => failures.push(message),
};

async function keep(
  objects: readonly JsonObject[],
  more: Partial<DenialControllerOptions> = {},
): Promise<void> {
  const { connection, index, writer } = replica;
  await keepOnce(
    {
      client: connection.client,
      clock: world.clock,
      now: world.now,
      index,
      writer,
      facts: worldOf(...objects),
      settings: DENIAL_SETTINGS,
      ...UNTOLD,
      ...more,
    },
    ran,
    SIGNAL,
  );
  await world.pass(0);
}

const statusOf = (key = `shop/${NAME}`) => objectOf(world.stored().get(key)?.['status']);

describe('the keeper of denials', () => {
  it('lets what is old expire, and takes it away later', async () => {
    await store({});
    world.clock.advance(DENIAL_SETTINGS.expireAfterSeconds * 1000);
    await keep([]);

    expect(statusOf()).toMatchObject({ state: 'Expired', count: 1, since: world.now().toISOString() });
    world.clock.advance(DENIAL_SETTINGS.keepClosedSeconds * 1000);
    await keep([]);

    expect(world.stored().size).toBe(0);
  });

  it('takes away what is over the bounds, so many in a round', async () => {
    await store(...[...Array(200).keys()].map((at) => ({ name: `d-${at}` })));
    await keep([]);
    expect(world.stored().size).toBe(150);
    await keep([]);
    await keep([]);
    expect(world.stored().size).toBe(100);
  });

  const asked = { checks: ['missing'], decision: NAME };
  const about = grant('get pods', { checks: ['missing'] });
  it.each<[string, readonly JsonObject[], DenialStatus['state']]>([
    ['asked for', [grantObject(['get pods'], asked)], 'Open'],
    ['approved', [grantObject(['get pods'], asked), decisionObject(about)], 'Granted'],
    [
      'approved by who asked',
      [grantObject(['get pods'], asked), decisionObject(about, { by: 'jane' })],
      'Open',
    ],
    [
      'rejected',
      [grantObject(['get pods'], asked), decisionObject(about, { decision: 'Reject' })],
      'Rejected',
    ],
    [
      'approved for another denial',
      [grantObject(['get pods'], { checks: ['missing'] }), decisionObject(about)],
      'Open',
    ],
    [
      'approved for another account',
      [
        grantObject(['get pods'], { ...asked, serviceAccount: { name: 'other' } }),
        decisionObject({ ...about, account: { name: 'other', uid: undefined } }),
      ],
      'Open',
    ],
  ])('shows what is %s', async (_, objects, want) => {
    await store({});
    await keep([POLICY, ...objects]);

    expect(statusOf()['state']).toBe(want);
  });

  it('opens what was granted again as soon as the policy’s time is over', async () => {
    const objects = [POLICY, grantObject(['get pods'], asked), decisionObject(about)];
    await store({ status: { lastSeen: new Date(DENIED_MS + 1_799_000).toISOString() } });
    world.clock.advance(1_799_000);
    await keep(objects);
    expect(statusOf()).toMatchObject({
      state: 'Granted',
      grant: 'debug',
      message: 'grant debug was approved',
    });
    world.clock.advance(1000);
    await keep(objects);

    expect(statusOf()).toMatchObject({ state: 'Open', message: 'grant debug has ended' });
  });

  it.each([
    ['is gone', []],
    ['was made again', [{ ...ACCOUNT, metadata: { ...ACCOUNT.metadata, uid: 'a-2' } }]],
  ])('takes away what is about an account that %s', async (_, objects) => {
    await store({ uid: 'a-1' });
    await keep([ACCOUNT]);
    expect(world.stored().size).toBe(1);
    await keep(objects);

    expect(world.stored().size).toBe(0);
  });

  it('resolves what no longer runs, once', async () => {
    await store({});
    await keep([]);
    expect(statusOf()['state']).toBe('Open');
    await keep([workloadObject()]);
    await keep([]);
    expect(statusOf()).toMatchObject({ state: 'Resolved', message: 'nothing of the workload runs any more' });
    await store({});
    await keep([]);

    expect(statusOf()['state']).toBe('Open');
  });

  it('leaves what was made again, and refused, open: whichever is written first', async () => {
    await store({});
    await keep([workloadObject()]);
    world.clock.advance(1000);
    await keep([]);
    const refused = refusal(undefined, 'jane', world.now().getTime());
    await replica.writer.write({ namespace: 'shop', name: NAME }, refused, SIGNAL);
    await world.pass(0);
    expect(statusOf()).toMatchObject({ state: 'Open', message: 'was Resolved, refused again' });
    await keep([workloadObject()]);
    world.clock.advance(1000);
    await store({ status: { lastSeen: world.now().toISOString() } });
    await keep([]);

    expect(statusOf()['state']).toBe('Open');
  });

  const recheck = { annotations: { 'countersign.dev/recheck': '2026-01-31T12:00:00Z' } };
  it.each<[string, readonly JsonObject[], string, RegExp]>([
    ['Unknown', [], 'Unknown', /apply it again/u],
    ['Pass', [POLICY, workloadObject()], 'Pass', /would be admitted/u],
    ['Deny', [POLICY, workloadObject(NEEDS)], 'Deny', /shop\/api \(Deployment\) may not run.*1 missing/u],
  ])('answers a re-check with %s, once', async (_, objects, outcome, message) => {
    await store({ metadata: recheck });
    await keep(objects);
    const version = objectOf(world.stored().get(`shop/${NAME}`)?.['metadata'])['resourceVersion'];
    await keep(objects);

    expect(statusOf()).toMatchObject({
      state: 'Open',
      recheck: {
        requestedAt: '2026-01-31T12:00:00Z',
        checkedAt: world.now().toISOString(),
        outcome,
        message: expect.stringMatching(message),
      },
    });
    expect(objectOf(world.stored().get(`shop/${NAME}`)?.['metadata'])['resourceVersion']).toBe(version);
  });

  it('answers a re-check of any text once', async () => {
    await store({ metadata: { annotations: { 'countersign.dev/recheck': '\u001b[2J<b>'.repeat(10_000) } } });
    await keep([]);
    const version = objectOf(world.stored().get(`shop/${NAME}`)?.['metadata'])['resourceVersion'];
    await keep([]);

    expect(objectOf(world.stored().get(`shop/${NAME}`)?.['metadata'])['resourceVersion']).toBe(version);
    expect(JSON.stringify(statusOf()).length).toBeLessThan(1000);
  });

  it.each([[404], [409]])('goes on after %s', async (fault) => {
    await store({}, { name: 'd-00000002' });
    replica.connection.faults = { [`PATCH ${denialPath({ namespace: 'shop', name: NAME })}/status`]: fault };
    world.clock.advance(DENIAL_SETTINGS.expireAfterSeconds * 1000);
    await keep([]);

    expect([statusOf()['state'], statusOf('shop/d-00000002')['state'], failures]).toEqual([
      'Open',
      'Expired',
      [],
    ]);
  });

  it('ends its round where the API server does not answer', async () => {
    await store({});
    replica.connection.faults = { PATCH: 'cut' };
    world.clock.advance(DENIAL_SETTINGS.expireAfterSeconds * 1000);
    await keep([]);

    expect(failures).toHaveLength(1);
  });

  it('looks every five seconds, and within one where somebody waits', async () => {
    const { connection, index, writer } = replica;
    await store({});
    let isWaitedFor = false;
    const stop = new AbortController();
    const rounds = keepDenials(
      {
        ...UNTOLD,
        client: connection.client,
        clock: world.clock,
        now: world.now,
        index,
        writer,
        facts: worldOf(),
        settings: { ...DENIAL_SETTINGS, expireAfterSeconds: 0 },
        isWaitedFor() {
          const was = isWaitedFor;
          isWaitedFor = false;
          return was;
        },
      },
      stop.signal,
    );
    const isSeen = async (name: string, seconds: number) => {
      await store({ name });
      await world.pass(seconds);
      return statusOf(`shop/${name}`)['state'] === 'Expired';
    };
    await world.pass(1);

    expect(statusOf()['state']).toBe('Expired');
    expect(await isSeen('d-00000002', 2)).toBe(false);
    expect(await isSeen('d-00000003', 3)).toBe(true);
    isWaitedFor = true;
    expect(await isSeen('d-00000004', 1.5)).toBe(true);
    stop.abort();
    await rounds;
  });
});
