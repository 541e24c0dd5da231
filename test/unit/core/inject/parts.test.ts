import { describe, expect, it } from 'vitest';
import { partsOf } from '../../../../src/core/inject/parts.ts';
import type { Json, JsonObject } from '../../../../src/core/json.ts';

const HERE = 'spec.initContainers/countersign-init/';

/** The parts of a container of ours, by their place in it. */
function inside(container: JsonObject, platformUsers = false): Readonly<Record<string, Json>> {
  const pod = { spec: { initContainers: [{ name: 'countersign-init', ...container }] } };
  return Object.fromEntries(
    partsOf(pod, { platformUsers }).map(({ path, value }) => [path.join('/').replace(HERE, ''), value]),
  );
}

const NAME = { name: 'countersign-init' };

describe('the parts of a container of ours', () => {
  it.each<[string, JsonObject, object]>([
    ['what it says', { command: ['a'], args: ['init'] }, { command: ['a'], args: ['init'] }],
    ['not what the API server does not store', { stdin: null, ports: [], lifecycle: {} }, {}],
    ['a word that is empty', { workingDir: '', tty: false }, { workingDir: '', tty: false }],
    ['not its image', { image: 'a:2', imagePullPolicy: 'Always' }, {}],
    ['not where the message goes by default', { terminationMessagePath: '/dev/termination-log' }, {}],
    ['where else the message goes', { terminationMessagePath: '/x' }, { terminationMessagePath: '/x' }],
    ['that the message goes nowhere', { terminationMessagePath: null }, { terminationMessagePath: null }],
    [
      'variables that could do harm',
      {
        env: [
          { name: 'NODE_OPTIONS', value: 'x' },
          { name: 'MY_NODE_OPTIONS', value: 'x' },
          { name: 'TZ', value: 'x' },
        ],
      },
      { 'env/NODE_OPTIONS': { name: 'NODE_OPTIONS', value: 'x' } },
    ],
    [
      'a mount',
      { volumeMounts: [{ name: 'v', readOnly: true }] },
      { 'volumeMounts/v': { name: 'v', readOnly: true } },
    ],
    [
      'amounts by value',
      { resources: { limits: { memory: '64Mi' }, requests: { memory: '65536Ki' } } },
      { 'resources/limits/memory': '67108864000000000', 'resources/requests/memory': '67108864000000000' },
    ],
    [
      'not amounts that a LimitRange adds',
      {
        resources: {
          limits: { cpu: '1', 'ephemeral-storage': '1Gi' },
          requests: { 'ephemeral-storage': '1Gi' },
        },
      },
      {},
    ],
    ['a request for cpu', { resources: { requests: { cpu: '0' } } }, { 'resources/requests/cpu': '0' }],
    [
      'an amount that is none',
      { resources: { limits: { memory: 'much', x: null } } },
      { 'resources/limits/memory': 'much', 'resources/limits/x': null },
    ],
    ['amounts of no shape', { resources: { limits: 'x', requests: null } }, { 'resources/limits': 'x' }],
    ['claims', { resources: { claims: [{ name: 'gpu' }] } }, { 'resources/claims': [{ name: 'gpu' }] }],
    ['resources of no shape', { resources: 'x' }, { resources: 'x' }],
    ['resources that are a list', { resources: [1] }, { resources: [1] }],
    ['no resources', { resources: null }, { resources: null }],
    [
      'what it may do',
      { securityContext: { runAsNonRoot: true, capabilities: {}, privileged: false, procMount: null } },
      { 'securityContext/runAsNonRoot': true },
    ],
    [
      'more than it may do',
      { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
      { 'securityContext/privileged': true, 'securityContext/allowPrivilegeEscalation': false },
    ],
    ['a context of no shape', { securityContext: 'x' }, { securityContext: 'x' }],
    ['a context that is a list', { securityContext: [1] }, { securityContext: [1] }],
    ['no context', { securityContext: null }, { securityContext: null }],
  ])('are %s', (_, container, want) => {
    expect(inside(container)).toEqual({ ...NAME, ...want });
  });

  it('are without user and label where the platform chooses them', () => {
    const securityContext = { runAsUser: 7, seLinuxOptions: { level: 's0' }, runAsNonRoot: true };

    expect(inside({ securityContext }, true)).toEqual({ ...NAME, 'securityContext/runAsNonRoot': true });
    expect(Object.keys(inside({ securityContext }, false))).toHaveLength(4);
  });
});

describe('the parts of a pod', () => {
  const mine = { name: 'countersign-files', mountPath: '/files' };
  const fromFile = { name: 'P', valueFrom: { fileKeyRef: { volumeName: 'countersign-env' } } };

  it('are in one order, whatever the pod’s', () => {
    const containers = [
      { name: 'b', volumeMounts: [mine] },
      { name: 'a', env: [fromFile], volumeMounts: [mine] },
    ];
    const volumes = [{ name: 'countersign-state' }, { name: 'countersign-files' }, { name: 'data' }];
    const pod = (spec: object) => ({ spec });

    const parts = partsOf(pod({ containers, volumes }), { platformUsers: false });

    expect(parts.map(({ path }) => path.join('/'))).toEqual([
      'spec.containers/a/env/P',
      'spec.containers/a/volumeMounts/countersign-files',
      'spec.containers/b/volumeMounts/countersign-files',
      'spec.volumes/countersign-files',
      'spec.volumes/countersign-state',
    ]);
    const turned = { containers: containers.toReversed(), volumes: volumes.toReversed() };
    expect(partsOf(pod(turned), { platformUsers: false })).toEqual(parts);
  });

  it.each([
    null,
    'pod',
    {},
    { metadata: { annotations: ['x'] }, spec: { volumes: 'x', containers: { a: 1 } } },
    { spec: { volumes: [null, {}], containers: [null, {}, { env: [null], volumeMounts: ['x'] }] } },
    { spec: { containers: [{ name: 'countersign', volumeMounts: [{ name: 'mycountersign-files' }] }] } },
  ])('are none in %j', (pod) => {
    expect(partsOf(pod, { platformUsers: false })).toEqual([]);
  });

  it('have the value null where an annotation has none', () => {
    const pod = { metadata: { annotations: { 'countersign.dev/inject': null, other: 'x' } } };

    expect(partsOf(pod, { platformUsers: false })).toEqual([
      { path: ['metadata.annotations', 'countersign.dev/inject'], value: null },
    ]);
  });
});
