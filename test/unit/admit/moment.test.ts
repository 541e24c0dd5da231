import { describe, expect, it } from 'vitest';
import type { LiveTruth } from '../../../src/admit/ports.ts';
import { BUILT_IN_RESCHEDULERS } from '../../../src/core/admission/reschedulers.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { admissionOn, ask, responseOf, reviewOf, worldOf } from '../../support/admission.ts';
import { liveTruth } from '../../support/live.ts';
import { type WorkloadOptions, workload, workloadObject } from '../../support/workload.ts';

const NEEDS = { 'countersign.dev/needs': 'get endpointslices.discovery.k8s.io' };
const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'production' },
  spec: { onChange: { missing: 'Deny' }, onReschedule: { missing: 'Warn' } },
};
const CONTROLLER = 'system:serviceaccount:kube-system:replicaset-controller';
const OWNER = { kind: 'ReplicaSet', name: 'api-1', uid: 'rs-uid' };
const REPLICA_SET = workloadObject({
  kind: 'ReplicaSet',
  name: 'api-1',
  annotations: NEEDS,
  metadata: { uid: 'rs-uid' },
});

function pod(more: WorkloadOptions = {}, owner: JsonObject = OWNER): JsonObject {
  const metadata = { ownerReferences: [{ ...owner, controller: true }] };
  return workloadObject({ kind: 'Pod', name: 'api-1-x', annotations: NEEDS, metadata, ...more });
}

/** Missing is refused on a change and warned of on a reschedule, so the verdict tells the moment. */
async function judged(object: JsonObject, username: string, live?: LiveTruth, ...facts: JsonObject[]) {
  const admission = admissionOn(worldOf(POLICY, ...facts), { live });
  const { record } = await ask(admission, 'reschedule', reviewOf({ object, username }));
  return `${record.moment}: ${record.verdict}`;
}

const RESCHEDULE = 'reschedule: warn';
const CHANGE = 'change: deny';

describe('a pod is rescheduled', () => {
  it('when the controller of its known owner makes it as the template says', async () => {
    expect(await judged(pod(), CONTROLLER, undefined, REPLICA_SET)).toBe(RESCHEDULE);
  });

  it.each(
    BUILT_IN_RESCHEDULERS.flatMap(({ username, owners }) => owners.map((kind) => [username, kind] as const)),
  )('by %s, for a %s', async (username, kind) => {
    const owner = workloadObject({ kind, name: 'o', annotations: NEEDS, metadata: { uid: 'u' } });

    expect(await judged(pod({}, { kind, name: 'o', uid: 'u' }), username, undefined, owner)).toBe(RESCHEDULE);
  });

  it.each<[string, JsonObject, string]>([
    ['a person with a forged owner', pod(), 'jane'],
    ['a controller of the same name elsewhere', pod(), 'system:serviceaccount:shop:replicaset-controller'],
    ['an operator that nobody knows', pod(), 'system:serviceaccount:ops:operator'],
    ['the controller of another kind', pod(), 'system:serviceaccount:kube-system:job-controller'],
    ['an owner that does not exist', pod({}, { ...OWNER, uid: 'other' }), CONTROLLER],
    ['no owner', workloadObject({ kind: 'Pod', annotations: NEEDS }), CONTROLLER],
    ['another account than the owner’s', pod({ account: 'admin' }), CONTROLLER],
    [
      'another declaration than the owner’s',
      pod({ annotations: { 'countersign.dev/needs': 'list endpointslices.discovery.k8s.io' } }),
      CONTROLLER,
    ],
    [
      'one more annotation of ours',
      pod({ annotations: { ...NEEDS, 'countersign.dev/credential.x': 'secret/data/x' } }),
      CONTROLLER,
    ],
    ['another namespace than the owner’s', pod({ namespace: 'dev' }), CONTROLLER],
  ])('not with %s: that is a change', async (_, object, username) => {
    expect(await judged(object, username, undefined, REPLICA_SET)).toBe(CHANGE);
  });

  it('with what admission itself has written on it', async () => {
    const annotations = { ...NEEDS, 'countersign.dev/injected': 'v1.x' };

    expect(await judged(pod({ annotations }), CONTROLLER, undefined, REPLICA_SET)).toBe(RESCHEDULE);
  });

  it('when the owner is newer than the caches, and the API server knows it', async () => {
    const owner = workload({
      kind: 'ReplicaSet',
      name: 'api-1',
      annotations: NEEDS,
      metadata: { uid: 'rs-uid' },
    });

    expect(
      await judged(pod(), CONTROLLER, liveTruth({ owner: async () => owner, allows: async () => false })),
    ).toBe(RESCHEDULE);
  });

  it('not when the API server knows another owner of that name', async () => {
    const owner = workload({
      kind: 'ReplicaSet',
      name: 'api-1',
      annotations: NEEDS,
      metadata: { uid: 'new' },
    });

    expect(
      await judged(pod(), CONTROLLER, liveTruth({ owner: async () => owner, allows: async () => false })),
    ).toBe(CHANGE);
  });

  it('not when the API server does not answer', async () => {
    expect(
      await judged(pod(), CONTROLLER, liveTruth({ owner: async () => undefined, allows: async () => false })),
    ).toBe(CHANGE);
  });

  it('by an operator that the configuration names', async () => {
    const reschedulers = [{ username: 'system:serviceaccount:ops:operator', owners: ['ReplicaSet'] }];
    const admission = admissionOn(worldOf(POLICY, REPLICA_SET), { reschedulers });
    const review = reviewOf({ object: pod(), username: 'system:serviceaccount:ops:operator' });

    expect((await ask(admission, 'change', review)).record).toMatchObject({
      moment: 'reschedule',
      verdict: 'warn',
    });
  });

  it('with a declaration that cannot be read, and the mistake is said', async () => {
    const annotations = { 'countersign.dev/needs': 'get pods in' };
    const owner = workloadObject({
      kind: 'ReplicaSet',
      name: 'api-1',
      annotations,
      metadata: { uid: 'rs-uid' },
    });
    const admission = admissionOn(worldOf(POLICY, owner));
    const review = reviewOf({ object: pod({ annotations }), username: CONTROLLER });
    const handled = await ask(admission, 'reschedule', review);

    expect(handled.record).toMatchObject({
      verdict: 'warn',
      moment: 'reschedule',
      codes: ['DeclarationInvalid'],
    });
    expect(responseOf(handled)).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining('line 1, column 12')],
    });
  });
});
