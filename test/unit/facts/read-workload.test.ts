import { describe, expect, it } from 'vitest';
import type { WorkloadKind } from '../../../src/facts/kinds.ts';
import { createPool } from '../../../src/facts/pool.ts';
import { checkTemplate, readRunning } from '../../../src/facts/read-workload.ts';
import { ignore, type SpotProblem, spotOf } from '../../../src/facts/spot.ts';

const IDENTITY = { namespace: 'shop', name: 'a' };
const POD = { spec: {} };

function running(kind: WorkloadKind, object: object) {
  return readRunning(kind, spotOf({ metadata: IDENTITY, ...object }, ignore), IDENTITY, createPool());
}

const condition = (type: string, status: string) => ({
  status: { conditions: [{ type: 'Suspended' }, { type, status }] },
});

function problemsOf(kind: WorkloadKind | 'Pod', object: object): readonly string[] {
  const problems: SpotProblem[] = [];
  checkTemplate(
    kind,
    spotOf(object, (problem) => problems.push(problem)),
  );
  return problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('readRunning', () => {
  it.each<[WorkloadKind, object]>([
    ['Deployment', { spec: { template: POD } }],
    ['Deployment', { spec: { replicas: null, template: POD } }],
    ['StatefulSet', { spec: { replicas: 3, template: POD } }],
    ['ReplicaSet', { spec: { replicas: 1, template: POD } }],
    ['ReplicationController', { spec: { template: POD } }],
    ['DaemonSet', { spec: { template: POD } }],
    ['Job', { spec: { template: POD } }],
    ['Job', { spec: { suspend: false, template: POD }, ...condition('Complete', 'False') }],
    ['Job', { spec: { template: POD }, ...condition('FailureTarget', 'True') }],
    ['CronJob', { spec: { jobTemplate: { spec: { template: POD } } } }],
    ['CronJob', { spec: { suspend: false, jobTemplate: { spec: { template: POD } } } }],
  ])('counts a %s that runs: %j', (kind, object) => {
    expect(running(kind, object)).toMatchObject({ kind, ...IDENTITY });
  });

  it.each<[WorkloadKind, object]>([
    ['Deployment', { spec: { replicas: 0, template: POD } }],
    ['StatefulSet', { spec: { replicas: 0, template: POD } }],
    ['ReplicaSet', { spec: { replicas: 0, template: POD } }],
    ['ReplicationController', { spec: { replicas: 0, template: POD } }],
    ['ReplicationController', { spec: { replicas: 1 } }],
    ['Deployment', {}],
    ['Job', { spec: { suspend: true, template: POD } }],
    ['Job', { spec: { parallelism: 0, template: POD } }],
    ['Job', { spec: { template: POD }, ...condition('Complete', 'True') }],
    ['Job', { spec: { template: POD }, ...condition('Failed', 'True') }],
    ['CronJob', { spec: { suspend: true, jobTemplate: { spec: { template: POD } } } }],
    ['CronJob', { spec: { template: POD } }],
  ])('does not count a %s that does not: %j', (kind, object) => {
    expect(running(kind, object)).toBeUndefined();
  });

  it.each([
    [{}, 'default'],
    [{ serviceAccountName: '' }, 'default'],
    [{ serviceAccountName: 'api' }, 'api'],
    [{ serviceAccount: 'old' }, 'old'],
    [{ serviceAccountName: 'api', serviceAccount: 'old' }, 'api'],
    [{ serviceAccountName: 7 }, 'default'],
  ])('reads the account of %j as %s', (spec, name) => {
    expect(running('Deployment', { spec: { template: { spec } } })?.account).toEqual({
      namespace: 'shop',
      name,
    });
  });

  it('keeps our annotations of the template, uid and controller, and nothing else', () => {
    const annotations = { 'countersign.dev/needs': 'get pods', 'example.com/x': 'y' };
    const metadata = {
      ...IDENTITY,
      uid: 'u',
      annotations: { 'countersign.dev/needs': 'ignored' },
      ownerReferences: [
        { kind: 'Thing', name: 't', uid: 'no-controller' },
        { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: 'owner', controller: true },
      ],
    };

    expect(
      running('ReplicaSet', { metadata, spec: { template: { metadata: { annotations }, spec: {} } } }),
    ).toEqual({
      kind: 'ReplicaSet',
      ...IDENTITY,
      uid: 'u',
      account: { namespace: 'shop', name: 'default' },
      controller: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: 'owner' },
      tokens: { automount: undefined, mounted: false, secrets: [] },
      annotations: { 'countersign.dev/needs': 'get pods' },
    });
  });
});

describe('checkTemplate', () => {
  it.each<[WorkloadKind | 'Pod', object, readonly string[]]>([
    ['Deployment', { spec: { template: POD } }, []],
    ['Pod', POD, []],
    ['Deployment', {}, ['spec: expected an object, found nothing']],
    ['Deployment', { spec: {} }, ['spec.template: expected an object, found nothing']],
    ['Deployment', { spec: { template: [] } }, ['spec.template: expected an object, found a list']],
    [
      'CronJob',
      { spec: { jobTemplate: { spec: 7 } } },
      ['spec.jobTemplate.spec: expected an object, found a number'],
    ],
    [
      'Pod',
      { spec: { serviceAccountName: 7, serviceAccount: {} } },
      [
        'spec.serviceAccountName: expected a string, found a number',
        'spec.serviceAccount: expected a string, found an object',
      ],
    ],
    [
      'Pod',
      { metadata: { annotations: { a: true } }, spec: {} },
      ['metadata.annotations.a: expected a string, found a boolean'],
    ],
  ])('says of a %s %j: %j', (kind, object, want) => {
    expect(problemsOf(kind, object)).toEqual(want);
  });
});
