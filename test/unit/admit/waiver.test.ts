import { describe, expect, it } from 'vitest';
import { type Judgement, type JudgeOptions, judgeWorkload } from '../../../src/admit/judge.ts';
import { readWorkload } from '../../../src/core/admission/workload.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { worldOf } from '../../support/admission.ts';
import { APPROVED_MS, decisionObject, grant, grantObject } from '../../support/grants.ts';
import { workloadObject } from '../../support/workload.ts';

const NEEDS = { annotations: { 'countersign.dev/needs': 'get pods' } };
const POLICY: JsonObject = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'strict' },
  spec: {
    onChange: { missing: 'Deny' },
    onReschedule: { missing: 'Deny' },
    grants: { maxDuration: '30m', mayWaive: ['missing'] },
  },
};
const ACCOUNT: JsonObject = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'api', namespace: 'shop', uid: 'a-1' },
};
const SPEC = { checks: ['missing'] } as const;
const GRANT = grant('get pods', { checks: ['missing'] });
const APPROVED = [POLICY, ACCOUNT, grantObject(['get pods'], SPEC), decisionObject(GRANT)];

function judged(
  objects: readonly JsonObject[],
  object: JsonObject = workloadObject(NEEDS),
  more: Partial<JudgeOptions> = {},
): Judgement {
  const workload = readWorkload(object);
  if (workload === undefined) throw new Error('no workload');
  return judgeWorkload(workload, worldOf(...objects), {
    moment: 'change',
    dryRun: false,
    openWorld: false,
    factsMaxAgeSeconds: 300,
    nowMs: APPROVED_MS,
    ...more,
  });
}

const grantNotes = ({ notes }: Judgement) =>
  notes.filter(({ reason }) => reason === 'GrantUsed').map(({ message }) => message);

describe('a workload under a grant', () => {
  it('passes, and it is said under which and until when', () => {
    const judgement = judged(APPROVED);

    expect(judgement.decision.outcome).toBe('allow');
    expect(judgement.grants).toEqual(['shop/debug']);
    expect(grantNotes(judgement)).toEqual(['passes under grant shop/debug until 2026-01-31T12:30:00Z']);
  });

  it('is refused again when the grant has ended, capped by the policy', () => {
    const judgement = judged(APPROVED, undefined, { nowMs: APPROVED_MS + 30 * 60_000 });

    expect(judgement.decision.outcome).toBe('deny');
    expect([judgement.grants, grantNotes(judgement)]).toEqual([[], []]);
  });

  it('is refused for the rest, and what is waived is said', () => {
    const annotations = { 'countersign.dev/needs': 'get,list pods' };
    const judgement = judged(APPROVED, workloadObject({ annotations }));

    expect(judgement.decision.findings).toHaveLength(1);
    expect(grantNotes(judgement)).toEqual([
      'some of it is waived by grant shop/debug until 2026-01-31T12:30:00Z',
    ]);
  });

  it('has nothing to thank it for where nothing is found', () => {
    expect(judged(APPROVED, workloadObject({ annotations: { 'countersign.dev/needs': '' } })).grants).toEqual(
      [],
    );
  });

  it('is not helped by a grant that nobody approved', () => {
    expect(judged(APPROVED.slice(0, 3)).decision.outcome).toBe('deny');
  });

  it('proves nothing on facts that are too old', () => {
    const { decision } = judged(APPROVED, undefined, { factsMaxAgeSeconds: -1 });

    expect(decision.findings.map(({ reason }) => reason)).toEqual(['FactsTooOld']);
  });
});

describe('a grant for one workload', () => {
  const about = grant('get pods', { checks: ['missing'], workload: { kind: 'Deployment', name: 'api' } });
  const owned = (kind: string, name: string, uid: string) => ({
    ownerReferences: [{ kind, name, uid, controller: true }],
  });
  const deployment = workloadObject({ ...NEEDS, metadata: { uid: 'w-1' } });
  const replicas = workloadObject({
    ...NEEDS,
    kind: 'ReplicaSet',
    name: 'api-1',
    metadata: { uid: 'w-2', ...owned('Deployment', 'api', 'w-1') },
  });
  const objects = [
    POLICY,
    ACCOUNT,
    grantObject(['get pods'], { ...SPEC, workload: { kind: 'Deployment', name: 'api' } }),
    decisionObject(about),
  ];
  const pod = (owner: JsonObject) =>
    workloadObject({ ...NEEDS, kind: 'Pod', name: 'api-1-x', metadata: owner });

  it.each<[string, JsonObject, readonly JsonObject[], 'allow' | 'deny']>([
    ['that workload', deployment, [], 'allow'],
    ['another', workloadObject({ ...NEEDS, name: 'web' }), [], 'deny'],
    ['what it controls', replicas, [deployment], 'allow'],
    ['what that controls', pod(owned('ReplicaSet', 'api-1', 'w-2')), [deployment, replicas], 'allow'],
    [
      'a pod that names an owner which is not there',
      pod(owned('Deployment', 'api', 'w-9')),
      [deployment],
      'deny',
    ],
    ['a pod that gives an owner another name', pod(owned('Deployment', 'api', 'w-2')), [replicas], 'deny'],
  ])('counts for %s', (_, object, more, outcome) => {
    expect(judged([...objects, ...more], object).decision.outcome).toBe(outcome);
  });

  it('counts for a pod whose owner was looked up', () => {
    const { decision } = judged(objects, pod(owned('Deployment', 'api', 'w-1')), { moment: 'reschedule' });

    expect(decision.outcome).toBe('allow');
  });
});
