import { describe, expect, it } from 'vitest';
import { breakGlassWorkloads } from '../../../src/scan/break-glass.ts';
import { worldOf } from '../../support/admission.ts';
import { workloadObject } from '../../support/workload.ts';

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
    ['one with what it makes', 1, [deployment, made('uid-api')]],
    ['what is made by something that does not run', 1, [made('uid-gone')]],
  ])('are counted: %s', (_, count, objects) => {
    expect(breakGlassWorkloads(worldOf(...objects))).toBe(count);
  });
});
