import { describe, expect, it } from 'vitest';
import { isKnown, ownersOf, withTop } from '../../../src/admit/owners.ts';
import type { Owner } from '../../../src/core/admission/workload.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { decisionId, topOwner } from '../../../src/core/verdict/decision.ts';
import { worldOf } from '../../support/admission.ts';
import { workload, workloadObject } from '../../support/workload.ts';

const owner = (kind: string, name: string, uid: string): Owner => ({
  apiVersion: 'apps/v1',
  kind,
  name,
  uid,
});
const ownedBy = (by: Owner, uid?: string): JsonObject => ({
  ownerReferences: [{ ...by, controller: true }],
  ...(uid !== undefined && { uid }),
});
const DEPLOYMENT = owner('Deployment', 'api', 'd');
const SET = owner('ReplicaSet', 'api-1', 'rs');
const ROLLOUT = owner('Rollout', 'roll', 'ro');

const set = workloadObject({ kind: 'ReplicaSet', name: 'api-1', metadata: ownedBy(DEPLOYMENT, 'rs') });
const pod = (by: Owner) => workload({ kind: 'Pod', name: 'api-1-x', metadata: ownedBy(by) });

describe('what controls a workload', () => {
  it.each<[string, Owner[], JsonObject[], string]>([
    ['nothing', [], [], 'Pod/api-1-x'],
    ['what it names, where nothing is known of it', [SET], [], 'ReplicaSet/api-1'],
    ['its ReplicaSet and its Deployment', [SET, DEPLOYMENT], [set], 'Deployment/api'],
    [
      'what makes the Deployment',
      [SET, DEPLOYMENT, ROLLOUT],
      [set, workloadObject({ metadata: ownedBy(ROLLOUT, 'd') })],
      'Rollout/roll',
    ],
    [
      'no more than what it names, where that is another',
      [SET],
      [workloadObject({ kind: 'ReplicaSet', name: 'other', metadata: ownedBy(DEPLOYMENT, 'rs') })],
      'ReplicaSet/api-1',
    ],
    [
      'no more than what it names, where that is elsewhere',
      [SET],
      [
        workloadObject({
          kind: 'ReplicaSet',
          name: 'api-1',
          namespace: 'dev',
          metadata: ownedBy(DEPLOYMENT, 'rs'),
        }),
      ],
      'ReplicaSet/api-1',
    ],
  ])('is %s', (_, want, objects, top) => {
    const facts = worldOf(...objects);
    const [first] = want;
    const claim = first === undefined ? workload({ kind: 'Pod', name: 'api-1-x' }) : pod(first);

    expect(ownersOf(claim, facts)).toEqual(want);
    const { kind, name } = topOwner(withTop(claim, facts));
    expect(`${kind}/${name}`).toBe(top);
  });

  it('has an end where two own each other', () => {
    const one = workloadObject({ kind: 'ReplicaSet', name: 'api-1', metadata: ownedBy(DEPLOYMENT, 'rs') });
    const other = workloadObject({ metadata: ownedBy(SET, 'd') });

    expect(ownersOf(pod(SET), worldOf(one, other)).length).toBeLessThan(10);
  });

  it('names one decision for a Deployment and all pods of it', () => {
    const facts = worldOf(set);
    const ids = [
      workload(),
      pod(SET),
      pod(DEPLOYMENT),
      workload({ kind: 'ReplicaSet', name: 'api-1', metadata: ownedBy(DEPLOYMENT) }),
    ].map((claim) => decisionId(withTop(claim, facts), 'p', [{ reason: 'Missing' }]));

    expect(new Set(ids).size).toBe(1);
  });

  it('is known where the facts say the same', () => {
    expect([SET, ROLLOUT].map((by) => isKnown(by, 'shop', worldOf(set)))).toEqual([true, false]);
  });
});
