import { describe, expect, it } from 'vitest';
import {
  BUILT_IN_RESCHEDULERS,
  followsOwner,
  reschedules,
} from '../../../../src/core/admission/reschedulers.ts';
import { workload } from '../../../support/workload.ts';

const KUBE_SYSTEM = 'system:serviceaccount:kube-system';

describe('who makes objects of workloads that exist', () => {
  it.each([
    ['replicaset-controller', 'ReplicaSet'],
    ['replication-controller', 'ReplicationController'],
    ['statefulset-controller', 'StatefulSet'],
    ['daemon-set-controller', 'DaemonSet'],
    ['job-controller', 'Job'],
    ['cronjob-controller', 'CronJob'],
    ['deployment-controller', 'Deployment'],
  ])('%s, of a %s and nothing else', (controller, kind) => {
    const own = BUILT_IN_RESCHEDULERS.filter(({ username }) => username === `${KUBE_SYSTEM}:${controller}`);

    expect(own).toEqual([{ username: `${KUBE_SYSTEM}:${controller}`, owners: [kind] }]);
    expect(reschedules(BUILT_IN_RESCHEDULERS, 'system:kube-controller-manager', kind)).toBe(true);
  });

  it('nobody besides', () => {
    expect(BUILT_IN_RESCHEDULERS).toHaveLength(8);
    expect(reschedules(BUILT_IN_RESCHEDULERS, 'system:kube-controller-manager', 'Pod')).toBe(false);
  });

  const two = [
    { username: 'argo', owners: ['Workflow', 'Job'] },
    { username: 'flux', owners: ['Release'] },
  ];
  it.each([
    ['argo', 'Workflow', true],
    ['argo', 'Job', true],
    ['argo', 'Release', false],
    ['flux', 'Release', true],
    ['jane', 'Release', false],
  ])('%s of a %s: %j', (username, kind, want) => {
    expect(reschedules(two, username, kind)).toBe(want);
  });
});

describe('a pod is as its owner’s template says', () => {
  const annotations = { 'countersign.dev/needs': 'get pods', 'countersign.dev/inject': 'true', other: 'x' };
  const owner = workload({ annotations });

  it.each([
    ['the same', { annotations }, true],
    ['another annotation of somebody else', { annotations: { ...annotations, other: 'y' } }, true],
    [
      'what admission writes',
      {
        annotations: { ...annotations, 'countersign.dev/injected': 'v1.x', 'countersign.dev/accessor': 'a' },
      },
      true,
    ],
    ['other needs', { annotations: { ...annotations, 'countersign.dev/needs': 'list pods' } }, false],
    ['one word less', { annotations: { 'countersign.dev/needs': 'get pods' } }, false],
    ['one word more', { annotations: { ...annotations, 'countersign.dev/vault-role': 'x' } }, false],
    [
      'another word instead',
      { annotations: { 'countersign.dev/needs': 'get pods', 'countersign.dev/vault': 'x' } },
      false,
    ],
    ['another account', { annotations, account: 'web' }, false],
    ['an account of that name elsewhere', { annotations, namespace: 'dev' }, false],
  ])('%s: %#', (_, options, want) => {
    expect(followsOwner(workload({ kind: 'Pod', ...options }), owner)).toBe(want);
  });

  it('is not one that lost what its owner declares', () => {
    expect(followsOwner(workload({ kind: 'Pod' }), owner)).toBe(false);
    expect(followsOwner(owner, workload({ kind: 'Pod' }))).toBe(false);
  });
});
