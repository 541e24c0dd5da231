import { describe, expect, it } from 'vitest';
import { TEMPLATE_PATHS } from '../../../src/core/admission/workload.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { admissionOn, ask, reviewOf, worldOf } from '../../support/admission.ts';

const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'p' },
  spec: { onChange: { missing: 'Deny' } },
};
const TEMPLATE = {
  metadata: { annotations: { 'countersign.dev/needs': 'get pods' } },
  spec: { serviceAccountName: 'api', containers: [] },
};
const ROLLOUT = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'api', namespace: 'shop' },
  spec: { template: TEMPLATE },
};
const rollouts = admissionOn(worldOf(POLICY), {
  templatePaths: { ...TEMPLATE_PATHS, Rollout: ['spec', 'template'] },
});

async function judged(admission: typeof rollouts, object: JsonObject, oldObject?: JsonObject) {
  const update = oldObject && { operation: 'UPDATE', oldObject };
  const { record } = await ask(admission, 'change', reviewOf({ object, ...update }));
  return [record.verdict, ...record.codes];
}

describe('a kind that the configuration adds', () => {
  it('is judged by its template', async () => {
    expect(await judged(rollouts, ROLLOUT)).toEqual(['deny', 'Missing']);
  });

  it('is not judged where its declaration does not change', async () => {
    const scaled = { ...ROLLOUT, spec: { ...ROLLOUT.spec, replicas: 3 } };

    expect(await judged(rollouts, scaled, ROLLOUT)).toEqual(['allow']);
  });

  it('is no workload where it keeps no template, or without the configuration', async () => {
    expect(await judged(rollouts, { ...ROLLOUT, spec: {} })).toEqual(['allow', 'NotAWorkload']);
    expect(await judged(admissionOn(worldOf(POLICY)), ROLLOUT)).toEqual(['allow', 'NotAWorkload']);
  });
});
