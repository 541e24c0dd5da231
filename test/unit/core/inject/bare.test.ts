import { describe, expect, it } from 'vitest';
import { withoutOurs } from '../../../../src/core/inject/bare.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { ASKS, injected, inputFor, podWith } from './fixtures.ts';

const fromFile = (volumeName: string): JsonObject => ({
  name: 'PASSWORD',
  valueFrom: { fileKeyRef: { volumeName, path: 'p', key: 'k' } },
});

describe('a pod without what is Countersign’s', () => {
  it('is the pod as it was before an injection', () => {
    const spec = { volumes: [], initContainers: [], containers: [{ name: 'api', volumeMounts: [] }] };
    const pod = podWith(ASKS, spec);

    expect(withoutOurs(injected(inputFor(pod)))).toEqual(pod);
  });

  it('keeps volumes, mounts and variables of others, and loses ours', () => {
    const theirs = { name: 'data', emptyDir: {} };
    const container = (name: string, more: JsonObject) => ({ name, ...more });
    const spec = {
      volumes: [theirs, { name: 'countersign-files', emptyDir: {} }, 'odd'],
      initContainers: [container('countersign-init', {}), container('migrate', {})],
      containers: [
        container('api', {
          env: [{ name: 'A', value: 'b' }, fromFile('data'), fromFile('countersign-env')],
          volumeMounts: [
            { name: 'data', mountPath: '/data' },
            { name: 'countersign-files', mountPath: '/files' },
          ],
        }),
      ],
      ephemeralContainers: [container('countersign-agent', {}), container('debug', {})],
    };

    expect(withoutOurs({ metadata: {}, spec })['spec']).toEqual({
      volumes: [theirs, 'odd'],
      initContainers: [{ name: 'migrate' }],
      containers: [
        {
          name: 'api',
          env: [{ name: 'A', value: 'b' }, fromFile('data')],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      ephemeralContainers: [{ name: 'debug' }],
    });
  });

  it('keeps every annotation that a person writes', () => {
    const record = { 'countersign.dev/injected': 'v1.x', 'countersign.dev/accessor': 'a' };
    const pod = { metadata: { name: 'api', annotations: { ...ASKS, ...record, other: 'x' } } };

    expect(withoutOurs(pod)['metadata']).toEqual({ name: 'api', annotations: { ...ASKS, other: 'x' } });
  });

  it.each([
    [null, {}],
    ['pod', {}],
    [
      { containers: 'x', volumes: 7 },
      { containers: 'x', volumes: 7 },
    ],
    [{ containers: ['x', null, ['y']] }, { containers: ['x', null, ['y']] }],
    [{ containers: [{ name: 'a', env: 'x' }] }, { containers: [{ name: 'a', env: 'x' }] }],
  ])('leaves what has no shape as it is: %j', (spec, want) => {
    expect(withoutOurs({ spec })['spec']).toEqual(want);
  });
});
