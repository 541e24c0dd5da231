import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Revoker } from '../../../src/admit/ports.ts';
import { CountersignError } from '../../../src/core/errors.ts';
import { type Alarm, alarmLine } from '../../../src/core/inject/alarms.ts';
import { type JsonObject, objectOf } from '../../../src/core/json.ts';
import { createKubeClient } from '../../../src/kube/client.ts';
import { systemClock } from '../../../src/kube/clock.ts';
import { alarmOf } from '../../../src/review/alarm.ts';
import { watchAlarms } from '../../../src/review/alarms.ts';
import type { EventEntry } from '../../../src/review/event.ts';
import { worldOf } from '../../support/admission.ts';
import { type FakeKube, startFakeKube, status } from '../../support/fake-kube.ts';
import { workloadObject } from '../../support/workload.ts';
import { injected, inputFor, MINTED, podWith, SETTINGS } from '../core/inject/fixtures.ts';

const ASKS = { 'countersign.dev/inject': 'wrapped', 'countersign.dev/token': 'file' };
const OWNER = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api-1', uid: 'rs', controller: true };
const PODS = '/api/v1/pods';

/** As the API server has it. */
function podOf(name: string, podStatus: JsonObject, metadata: JsonObject = {}): JsonObject {
  const pod = injected(inputFor(podWith(ASKS), ASKS));
  return {
    ...pod,
    metadata: { ...objectOf(pod['metadata']), namespace: 'shop', name, uid: `uid-${name}`, ...metadata },
    status: podStatus,
  };
}

function ended(message: unknown, where = 'state', container = 'countersign-init'): JsonObject {
  return {
    initContainerStatuses: [{ name: container, [where]: { terminated: { exitCode: 16, message } } }],
  } as JsonObject;
}

const ALARM = ended(alarmLine('UnwrappedByAnother'));

describe('an alarm', () => {
  it.each<[string, JsonObject, Alarm]>([
    ['that has just been raised', ALARM, 'UnwrappedByAnother'],
    [
      'of a container that waits for its next start',
      ended(alarmLine('CreatedElsewhere'), 'lastState'),
      'CreatedElsewhere',
    ],
  ])('is one %s', (_, found, alarm) => {
    expect(alarmOf(podOf('a', found))).toMatchObject({
      alarm,
      uid: 'uid-a',
      vault: 'default',
      accessor: MINTED.accessor,
      pod: { namespace: 'shop', name: 'a' },
    });
  });

  it.each<[string, unknown]>([
    ['a pod that says nothing', podOf('a', {})],
    ['a message of another kind', podOf('a', ended('countersign gave up'))],
    ['a message that is no text', podOf('a', ended(7))],
    [
      'a message of another container',
      podOf('a', ended(alarmLine('UnwrappedByAnother'), 'state', 'migrate')),
    ],
    ['statuses of no shape', podOf('a', { initContainerStatuses: 'x' })],
    ['a pod without accessor', { ...podWith(ASKS), status: ALARM }],
    ['no object', 7],
  ])('is none of %s', (_, object) => {
    expect(alarmOf(object)).toBeUndefined();
  });
});

describe('the leader', () => {
  let kube: FakeKube;
  let stop: AbortController;
  let running: Promise<void>;
  let events: EventEntry[];
  let revoked: string[];
  let logged: string[];
  let counted: Alarm[];
  let failures: CountersignError[];

  const revoker: Revoker = {
    async revoke(vault, accessor) {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      revoked.push(`${vault} ${accessor}`);
    },
  };

  beforeEach(async () => {
    kube = await startFakeKube();
    stop = new AbortController();
    [events, revoked, logged, counted, failures] = [[], [], [], [], []];
  });
  afterEach(async () => {
    stop.abort();
    await running;
    await kube.stop();
  });

  function lead(): void {
    const replicaSet = workloadObject({
      kind: 'ReplicaSet',
      name: 'api-1',
      metadata: {
        uid: 'rs',
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api', uid: 'd', controller: true },
        ],
      },
    });
    running = watchAlarms(
      {
        client: createKubeClient(kube.access),
        clock: systemClock,
        random: () => 0,
        now: () => new Date(),
        facts: worldOf(replicaSet),
        settings: SETTINGS,
        revoker,
        recorder: { record: (entry) => void events.push(entry) },
        log: {
          info: (message) => void logged.push(message),
          warn: (message) => void logged.push(message),
        },
        onAlarm: (alarm) => void counted.push(alarm),
      },
      stop.signal,
    );
  }

  it('asks for pods that were given a token, and no others', async () => {
    lead();
    await expect.poll(() => kube.requests.length).toBeGreaterThan(1);

    for (const request of kube.requests) {
      expect(request).toContain('labelSelector=countersign.dev%2Fissuance%3Dwrapped');
    }
  });

  it('revokes the token, and tells people on what controls the pod', async () => {
    kube.put(PODS, podOf('a', ALARM, { ownerReferences: [OWNER] }));
    lead();

    await expect.poll(() => revoked).toEqual([`default ${MINTED.accessor}`]);
    expect(events).toMatchObject([
      {
        regarding: { kind: 'Deployment', namespace: 'shop', name: 'api', uid: 'd' },
        type: 'Warning',
        reason: 'UnwrappedByAnother',
        note: expect.stringContaining('pod a: the wrapping token of this pod was used by somebody else'),
      },
    ]);
    expect(counted).toEqual(['UnwrappedByAnother']);
    expect(logged).toEqual([
      'somebody else has had the wrapping token of a pod',
      'revoked the token of a pod',
    ]);
  });

  it('tells of each pod once, however often it changes', async () => {
    lead();
    kube.put(PODS, podOf('a', ALARM));
    await expect.poll(() => revoked.length).toBe(1);
    kube.put(PODS, podOf('a', ALARM, { labels: { more: 'x', 'countersign.dev/issuance': 'wrapped' } }));
    kube.put(PODS, podOf('b', ALARM));
    await expect.poll(() => revoked.length).toBe(2);

    expect(events.map(({ regarding }) => regarding.name)).toEqual(['a', 'b']);
    expect(events.every(({ regarding }) => regarding.kind === 'Pod')).toBe(true);
  });

  it('believes no pod that Countersign did not seal', async () => {
    const forged = podOf('a', ALARM);
    const annotations = {
      ...objectOf(objectOf(forged['metadata'])['annotations']),
      'countersign.dev/accessor': 'other',
    };
    kube.put(PODS, podOf('a', ALARM, { annotations }));
    lead();

    await expect.poll(() => logged).toEqual(['a pod raises an alarm and is not sealed by Countersign']);
    expect([revoked, events, counted]).toEqual([[], [], []]);
  });

  it('tries again until Vault has done it', async () => {
    failures = [
      new CountersignError('ERR_VAULT_UNREACHABLE', 'away', { retryable: true }),
      new CountersignError('ERR_VAULT_REFUSED', 'permission denied'),
    ];
    kube.put(PODS, podOf('a', ALARM));
    lead();

    await expect.poll(() => revoked, { timeout: 10_000 }).toHaveLength(1);
    expect(logged.filter((line) => line === 'the token of a pod is not revoked yet')).toHaveLength(2);
  });

  it('says so when it may not look', async () => {
    kube.upset('list', PODS, status(403, 'Forbidden'));
    lead();

    await expect.poll(() => logged).toContain('alarms of pods cannot be heard');
  });
});
