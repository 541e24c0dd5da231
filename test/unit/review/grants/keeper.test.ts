import { beforeEach, describe, expect, it } from 'vitest';
import { type JsonObject, objectOf } from '../../../../src/core/json.ts';
import type { Notice } from '../../../../src/core/notice.ts';
import type { Policy } from '../../../../src/core/verdict/policy.ts';
import type { EventEntry } from '../../../../src/review/event.ts';
import { pathOf } from '../../../../src/review/grants/entry.ts';
import { createGrantKeeper, type GrantKeeper } from '../../../../src/review/grants/keeper.ts';
import { worldOf } from '../../../support/admission.ts';
import { createFakeObjects, type FakeConnection, type FakeObjects } from '../../../support/fake-objects.ts';
import { APPROVED_MS, decisionObject, grant, grantObject } from '../../../support/grants.ts';
import { policy } from '../../../support/policy.ts';
import { createManualClock, type ManualClock } from '../../kube/manual-clock.ts';

const DAY_MS = 86_400_000;
const ASKED = grant('get secrets');
const PATH = pathOf('accessgrants', { namespace: 'shop', name: 'debug' });

let clock: ManualClock;
let kube: FakeObjects;
let connection: FakeConnection;
let nowMs: number;
let policies: readonly Policy[];
let events: EventEntry[];
let notices: Notice[];

beforeEach(() => {
  clock = createManualClock();
  kube = createFakeObjects(clock);
  connection = kube.connect();
  nowMs = APPROVED_MS - 60_000;
  policies = [];
  events = [];
  notices = [];
});

function keeper(as = connection): GrantKeeper {
  const facts = worldOf(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace: 'shop', uid: 'a-1' } },
  );
  return createGrantKeeper({
    client: as.client,
    clock,
    now: () => new Date(nowMs),
    facts: { ...facts, policies: () => policies },
    settings: { keepEvidenceDays: 30, warnBeforeExpirySeconds: 900 },
    factsMaxAgeSeconds: 300,
    recorder: { record: (entry) => void events.push(entry) },
    notify: (notice) => void notices.push(notice),
  });
}

/** As a person makes it; the keepers hear of it. */
async function make(
  plural: 'accessgrants' | 'accessdecisions',
  object: JsonObject,
  ...heard: readonly GrantKeeper[]
) {
  const stored = await connection.client.post(
    `/apis/countersign.dev/v1alpha1/namespaces/shop/${plural}`,
    object,
  );
  for (const { entries } of heard) {
    (plural === 'accessgrants' ? entries.grantSink : entries.decisionSink).put(stored);
  }
}

/** With what the API server has now, as a watch brings it. */
function hear(...keepers: readonly GrantKeeper[]): void {
  for (const { entries } of keepers)
    for (const object of kube.objects.values()) {
      (objectOf(object)['kind'] === 'AccessGrant' ? entries.grantSink : entries.decisionSink).put(object);
    }
}

async function look(at: GrantKeeper): Promise<void> {
  clock.advance(1000);
  await at.round(new AbortController().signal);
}

const status = () => objectOf(kube.objects.get(PATH)?.['status']);
const told = () => notices.map(({ event }) => event);

describe('the leader', () => {
  it('tells the story of a grant in its status, in events and in notices, each once', async () => {
    const leader = keeper();
    await make('accessgrants', grantObject(['get secrets']), leader);
    await look(leader);
    expect(status()).toMatchObject({
      state: 'Pending',
      message: 'waits for the decision of somebody else than jane',
    });
    expect(status()['scopesDigest']).toMatch(/^sha256:/u);

    nowMs = APPROVED_MS;
    await make('accessdecisions', decisionObject(ASKED), leader);
    await look(leader);
    expect(status()).toMatchObject({ state: 'Active', decidedBy: 'omar', expiresAt: '2026-01-31T13:00:00Z' });

    nowMs = APPROVED_MS + 45 * 60_000 - 1;
    await look(leader);
    expect(told()).toEqual(['GrantOpened', 'GrantApproved']);
    nowMs += 1;
    await look(leader);
    expect(status()).toMatchObject({ state: 'Active', warnedAt: '2026-01-31T12:45:00Z' });

    nowMs = APPROVED_MS + 3_600_000;
    await look(leader);
    expect(status()).toMatchObject({ state: 'Expired', expiresAt: '2026-01-31T13:00:00Z' });
    const story = ['GrantOpened', 'GrantApproved', 'GrantExpiring', 'GrantExpired'];
    expect(told()).toEqual(story);
    expect(events.map(({ reason }) => reason)).toEqual(story);
    expect(events[0]?.regarding).toEqual({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      namespace: 'shop',
      name: 'api',
      uid: 'a-1',
    });
    for (let rounds = 0; rounds < 3; rounds += 1) await look(leader);
    expect(told()).toEqual(story);
  });

  it('says no more after another one has said it, and goes on where that one was', async () => {
    const [first, second] = [keeper(), keeper()];
    await make('accessgrants', grantObject(['get secrets']), first, second);
    await Promise.all([look(first), look(second)]);
    expect(told()).toEqual(['GrantOpened']);

    await make('accessdecisions', decisionObject(ASKED), first, second);
    nowMs = APPROVED_MS + 50 * 60_000;
    hear(second);
    await look(second);
    hear(first);
    await look(first);
    expect(told()).toEqual(['GrantOpened', 'GrantApproved', 'GrantExpiring']);
  });

  it('says nothing of what it could not write, until it can', async () => {
    const leader = keeper();
    await make('accessgrants', grantObject(['get secrets']), leader);
    connection.faults = { PATCH: 'cut' };
    await expect(look(leader)).rejects.toThrow('cut');
    expect(told()).toEqual([]);
    connection.faults = {};
    await look(leader);
    expect(told()).toEqual(['GrantOpened']);
  });

  it.each<[string, JsonObject, JsonObject, string]>([
    ['the requester approves', {}, { by: 'jane' }, 'who asks does not approve'],
    ['a service account approves', {}, { by: 'system:serviceaccount:shop:bot' }, 'not a service account'],
    ['the approval is of another uid', {}, { grantUID: 'g-0' }, 'another grant of this name'],
    ['the approval is of other scopes', {}, { scopesDigest: 'sha256:0' }, 'scopesDigest'],
    ['a scope cannot be read', { scopes: ['get'] }, {}, 'counts for nothing: spec.scopes.0: line 1, column '],
    [
      'it has no duration',
      { duration: 'long' },
      {},
      'counts for nothing: spec.duration: expected a duration',
    ],
  ])('says why a grant is void: %s', async (_, spec, decision, why) => {
    const leader = keeper();
    await make('accessgrants', grantObject(['get secrets'], spec), leader);
    await make('accessdecisions', decisionObject(ASKED, decision), leader);
    await look(leader);

    expect(status()).toMatchObject({ state: 'Void', message: expect.stringContaining(why) });
    expect(told()).toEqual(['GrantOpened']);
  });

  it('caps the time by the policy, and says so', async () => {
    policies = [policy('production', { grants: { maxDuration: '24h', mayWaive: ['excess'] } })];
    const leader = keeper();
    const long = grant('get secrets', { durationSeconds: 72 * 3600 });
    await make('accessgrants', grantObject(['get secrets'], { duration: '72h' }), leader);
    await make('accessdecisions', decisionObject(long), leader);
    await look(leader);

    expect(status()).toMatchObject({
      state: 'Active',
      expiresAt: '2026-02-01T12:00:00Z',
      message: 'approved by omar until 2026-02-01T12:00:00Z; asked for 72h, policy production allows 24h',
    });
  });

  it.each<[string, number]>([
    ['10m', 5],
    ['1h', 45],
    ['4h', 4 * 60 - 24],
  ])('warns in time of the end of a grant of %s', async (duration, minutes) => {
    const leader = keeper();
    const seconds = { '10m': 600, '1h': 3600, '4h': 14_400 }[duration] ?? 0;
    await make('accessgrants', grantObject(['get secrets'], { duration }), leader);
    await make('accessdecisions', decisionObject(grant('get secrets', { durationSeconds: seconds })), leader);
    nowMs = APPROVED_MS + minutes * 60_000 - 1;
    await look(leader);
    expect(told()).not.toContain('GrantExpiring');
    nowMs += 1;
    await look(leader);
    expect(told()).toContain('GrantExpiring');
  });

  it('keeps the evidence for its time, then deletes the grant, and the decisions on it later', async () => {
    const leader = keeper();
    await make('accessgrants', grantObject(['get secrets']), leader);
    await make('accessdecisions', decisionObject(ASKED), leader);
    await make(
      'accessdecisions',
      decisionObject(ASKED, { decision: 'Revoke', by: 'ada' }, { name: 'debug-2' }),
      leader,
    );
    await look(leader);
    expect(status()).toMatchObject({ state: 'Revoked', decidedBy: 'ada' });

    nowMs = APPROVED_MS + 30 * DAY_MS - 1;
    await look(leader);
    expect(kube.objects.size).toBe(3);
    nowMs += 1;
    await look(leader);
    expect([...kube.objects.values()].map(({ kind }) => kind)).toEqual(['AccessDecision', 'AccessDecision']);
    clock.advance(590_000);
    await look(leader);
    expect(kube.objects.size).toBe(2);
    clock.advance(10_000);
    await look(leader);
    expect(kube.objects.size).toBe(0);
  });

  it('cleans up decisions on grants that never were, and asks the API server first', async () => {
    const leader = keeper();
    await make('accessdecisions', decisionObject(ASKED), leader);
    await look(leader);
    expect(connection.requests).toContain(`GET ${PATH}`);
    clock.advance(600_000);
    await look(leader);
    expect(kube.objects.size).toBe(0);
  });

  it('deletes no decision on a grant that it has not heard of yet', async () => {
    const leader = keeper();
    await make('accessgrants', grantObject(['get secrets']));
    await make('accessdecisions', decisionObject(ASKED, { decision: 'Revoke' }), leader);
    for (let rounds = 0; rounds < 5; rounds += 1) {
      await look(leader);
      clock.advance(600_000);
    }
    expect(kube.objects.size).toBe(2);
    expect(status()['state']).toBe('Revoked');
  });

  it('lets no object that the API server does not take stand in the way of others', async () => {
    const leader = keeper();
    await make('accessgrants', grantObject(['get secrets'], {}, { name: 'bad', uid: 'g-2' }), leader);
    await make('accessgrants', grantObject(['get secrets']), leader);
    connection.faults = {
      [`PATCH ${pathOf('accessgrants', { namespace: 'shop', name: 'bad' })}/status`]: 422,
    };
    await expect(look(leader)).rejects.toThrow('422');
    await look(leader);

    expect(status()['state']).toBe('Pending');
  });

  it('writes so many a second and looks at so many, and comes through with all', async () => {
    const leader = keeper();
    for (let at = 0; at < 1000; at += 1) {
      await make(
        'accessgrants',
        grantObject(['get secrets'], {}, { name: `g-${at}`, uid: `u-${at}` }),
        leader,
      );
    }
    const before = connection.requests.length;
    await look(leader);
    expect(connection.requests.length - before).toBeLessThanOrEqual(20);
    for (let seconds = 0; seconds < 60; seconds += 1) await look(leader);

    expect(
      [...kube.objects.values()].filter(({ status: of }) => objectOf(of)['state'] === 'Pending'),
    ).toHaveLength(1000);
    expect(leader.standings.size).toBe(1000);
    expect(told()).toHaveLength(1000);
  });

  it('looks at no more grants of one namespace than replicas do', async () => {
    const leader = keeper();
    for (let at = 0; at < 1001; at += 1) {
      leader.entries.grantSink.put(grantObject(['get secrets'], {}, { name: `g-${at}`, uid: `u-${at}` }));
    }
    const [last] = [...leader.entries.grants.values()].toReversed();

    expect(last).toMatchObject({
      grant: undefined,
      problem: expect.stringContaining('more than 1000 grants'),
    });
  });
});
