import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../../src/facts/world.ts';
import { countBreakGlass, type Unjudged, watchBreakGlass } from '../../../src/scan/break-glass.ts';
import { worldOf } from '../../support/admission.ts';
import { TEST_RESOURCES } from '../../support/resources.ts';
import { workloadObject } from '../../support/workload.ts';
import { createManualClock, type ManualClock, until } from '../kube/manual-clock.ts';

const ANNOTATION = { 'countersign.dev/break-glass': 'TICKET-1' };
const deployment = workloadObject({ annotations: ANNOTATION, metadata: { uid: 'uid-api' } });
const made = (uid: string) =>
  workloadObject({
    kind: 'ReplicaSet',
    name: `api-${uid}`,
    annotations: ANNOTATION,
    metadata: {
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'api', uid, controller: true }],
    },
  });

describe('workloads with the annotation of an emergency', () => {
  it.each([
    ['none without it', 0, [workloadObject({ annotations: { 'countersign.dev/needs': '' } })]],
    ['one for one', 1, [deployment]],
    ['one that has it on the object itself', 1, [workloadObject({ metadata: { annotations: ANNOTATION } })]],
    ['one with what it makes', 1, [deployment, made('uid-api')]],
    ['what is made by something that does not run', 1, [made('uid-gone')]],
  ])('are counted: %s', (_, count, objects) => {
    expect(countBreakGlass(worldOf(...objects))).toBe(count);
  });
});

describe('the leader finds a workload with the annotation of an emergency', () => {
  let clock: ManualClock;
  let world: World;
  let stop: AbortController;
  let running: Promise<void>;
  let found: string[];
  let synced: boolean;

  beforeEach(() => {
    clock = createManualClock();
    synced = true;
    world = createWorld(TEST_RESOURCES, () => ({ synced, ageSeconds: 0 }));
    stop = new AbortController();
    found = [];
  });
  afterEach(async () => {
    stop.abort();
    await running;
  });

  function start(): void {
    const onBroken = ({ kind, breakGlass }: Unjudged) => void found.push(`${kind} ${breakGlass}`);
    running = watchBreakGlass({ facts: world, clock, onBroken }, stop.signal);
  }

  async function nextLook(): Promise<void> {
    clock.advance(5000);
    await until(() => clock.pending().length > 0);
  }

  it('and not what it makes', () => {
    world.put('Deployment', deployment);
    world.put('ReplicaSet', made('uid-api'));

    start();

    expect(found).toEqual(['Deployment TICKET-1']);
  });

  it('once, and again for another ticket, or when it is back', async () => {
    const other = workloadObject({
      annotations: { 'countersign.dev/break-glass': 'TICKET-2' },
      metadata: { uid: 'uid-api' },
    });
    start();
    expect(found).toEqual([]);

    world.put('Deployment', deployment);
    await nextLook();
    await nextLook();
    expect(found).toEqual(['Deployment TICKET-1']);

    world.put('Deployment', other);
    await nextLook();
    expect(found.slice(1)).toEqual(['Deployment TICKET-2']);

    world.put('Deployment', workloadObject({ metadata: { uid: 'uid-api' } }));
    await nextLook();
    world.put('Deployment', other);
    await nextLook();
    expect(found.slice(2)).toEqual(['Deployment TICKET-2']);
  });

  it('when the first lists are there, not before', async () => {
    synced = false;
    world.put('Deployment', deployment);
    start();
    expect(found).toEqual([]);

    synced = true;
    await nextLook();
    expect(found).toHaveLength(1);
  });
});
