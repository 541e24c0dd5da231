import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { decisionEvent } from '../../../src/review/decision-event.ts';
import type { EventEntry } from '../../../src/review/event.ts';
import { admissionOn, ask, type Reviewed, reviewOf, worldOf } from '../../support/admission.ts';
import { workloadObject } from '../../support/workload.ts';

const NEEDS = { 'countersign.dev/needs': 'get pods' };
const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'p' },
  spec: { onChange: { missing: 'Deny' } },
};
const ACCOUNT = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { namespace: 'shop', name: 'api', uid: 'sa' },
};
const controlled = (apiVersion: string, kind: string, name: string, uid: string) => ({
  ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
});
const REPLICA_SET = workloadObject({
  kind: 'ReplicaSet',
  name: 'api-1',
  annotations: NEEDS,
  metadata: { uid: 'rs', ...controlled('apps/v1', 'Deployment', 'api', 'd') },
});
const CONTROLLER = 'system:serviceaccount:kube-system:replicaset-controller';

async function eventsOf(reviewed: Reviewed, ...facts: JsonObject[]): Promise<readonly EventEntry[]> {
  const world = worldOf(POLICY, ...facts);
  const events: EventEntry[] = [];
  const admission = admissionOn(world, {
    onDecision(decided) {
      const event = decisionEvent(decided, world);
      if (event !== undefined) events.push(event);
    },
  });
  await ask(admission, 'change', reviewOf(reviewed));
  return events;
}

describe('the event of a decision', () => {
  const pod = workloadObject({
    kind: 'Pod',
    annotations: NEEDS,
    metadata: controlled('apps/v1', 'ReplicaSet', 'api-1', 'rs'),
  });

  it('is on the account where a person’s workload is refused', async () => {
    expect(await eventsOf({ object: workloadObject({ annotations: NEEDS }) }, ACCOUNT)).toMatchObject([
      {
        regarding: { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'shop', name: 'api', uid: 'sa' },
        type: 'Warning',
        reason: 'AdmissionDenied',
        note: expect.stringMatching(/^shop\/api \(Deployment\) may not run .* 1 missing/u),
        key: expect.stringMatching(/^deny d-[0-9a-z]{8}$/u),
      },
    ]);
  });

  it('is on the Deployment where a controller brings a pod back with a warning', async () => {
    expect(await eventsOf({ object: pod, username: CONTROLLER }, REPLICA_SET)).toMatchObject([
      {
        regarding: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'api', uid: 'd' },
        reason: 'ScopeWarning',
        note: expect.stringContaining('1 missing'),
      },
    ]);
  });

  it('is on the owner that an operator names, where its pod is refused', async () => {
    expect(await eventsOf({ object: pod, username: 'operator' })).toMatchObject([
      { regarding: { kind: 'ReplicaSet', name: 'api-1', uid: 'rs' }, reason: 'AdmissionDenied' },
    ]);
  });

  it.each<[string, Reviewed]>([
    ['of a dry-run', { object: workloadObject({ annotations: NEEDS }), dryRun: true }],
    ['of a pass', { object: workloadObject({ annotations: { 'countersign.dev/needs': '' } }) }],
    ['of what is no workload', { object: { kind: 'ConfigMap', metadata: {} } }],
  ])('is none %s', async (_, reviewed) => {
    expect(await eventsOf(reviewed)).toEqual([]);
  });
});
