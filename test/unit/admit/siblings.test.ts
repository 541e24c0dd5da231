import { describe, expect, it } from 'vitest';
import { othersOf } from '../../../src/admit/siblings.ts';
import { worldOf } from '../../support/admission.ts';
import { type WorkloadOptions, workload, workloadObject } from '../../support/workload.ts';

const owned = (kind: string, name: string, uid: string) => ({
  ownerReferences: [{ kind, name, uid, controller: true }],
});
const DEPLOYMENT: WorkloadOptions = { name: 'api', metadata: { uid: 'd' } };
const OLD: WorkloadOptions = {
  kind: 'ReplicaSet',
  name: 'api-1',
  metadata: { uid: 'old', ...owned('Deployment', 'api', 'd') },
};
const NEW: WorkloadOptions = {
  kind: 'ReplicaSet',
  name: 'api-2',
  metadata: { uid: 'new', ...owned('Deployment', 'api', 'd') },
};
const OTHER: WorkloadOptions = { name: 'web', metadata: { uid: 'w' } };
const ELSEWHERE: WorkloadOptions = { name: 'dev', account: 'web' };
const WORLD = worldOf(...[DEPLOYMENT, OLD, NEW, OTHER, ELSEWHERE].map(workloadObject));

function others(options: WorkloadOptions, ...pods: WorkloadOptions[]) {
  const { all, siblings } = othersOf(workload(options), WORLD, pods.map(workload));
  const names = (some: typeof all) => some.map(({ name }) => name).toSorted();
  return { all: names(all), siblings: names(siblings) };
}

describe('what else runs as the account', () => {
  it.each<[string, WorkloadOptions, readonly string[], readonly string[]]>([
    ['a Deployment: its ReplicaSets are no siblings', DEPLOYMENT, ['api-1', 'api-2', 'web'], ['web']],
    ['one of them: the other one neither', OLD, ['api', 'api-2', 'web'], ['web']],
    [
      'a pod of it',
      { kind: 'Pod', name: 'p', metadata: owned('ReplicaSet', 'api-1', 'old') },
      ['api', 'api-1', 'api-2', 'web'],
      ['web'],
    ],
    ['a new workload', { name: 'new' }, ['api', 'api-1', 'api-2', 'web'], ['api', 'api-1', 'api-2', 'web']],
    ['a workload of another account', { name: 'dev', account: 'web' }, [], []],
  ])('for %s', (_, options, all, siblings) => {
    expect(others(options)).toEqual({ all, siblings });
  });

  it('counts pods that no known workload controls', () => {
    const bare: WorkloadOptions = { kind: 'Pod', name: 'bare' };
    const known: WorkloadOptions = {
      kind: 'Pod',
      name: 'known',
      metadata: owned('ReplicaSet', 'api-1', 'old'),
    };
    const strange: WorkloadOptions = { kind: 'Pod', name: 'strange', metadata: owned('Job', 'j', 'gone') };

    expect(others(DEPLOYMENT, bare, known, strange).siblings).toEqual(['bare', 'strange', 'web']);
  });
});
