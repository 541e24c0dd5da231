import { describe, expect, it } from 'vitest';
import { guaranteedCpu } from '../../../../src/core/inject/qos.ts';
import type { JsonObject } from '../../../../src/core/json.ts';

const container = (limits: JsonObject | null, requests?: JsonObject): JsonObject => ({
  name: 'a',
  resources: { limits, ...(requests && { requests }) },
});
const full = { cpu: '1', memory: '1Gi' };

describe('a pod of class Guaranteed', () => {
  it.each<[string, JsonObject, unknown]>([
    ['has limits equal to its requests', { containers: [container(full, full)] }, '1'],
    ['is compared by value', { containers: [container(full, { cpu: '1000m', memory: '1024Mi' })] }, '1'],
    ['may leave requests to their default', { containers: [container(full)] }, '1'],
    [
      'may have resources of its own that say nothing',
      { resources: { limits: {} }, containers: [container(full)] },
      '1',
    ],
    [
      'counts init containers, and has the largest limit of a regular one to spare',
      {
        initContainers: [container({ cpu: '4', memory: '1Gi' })],
        containers: [container(full), container({ cpu: 2, memory: '1Gi' })],
      },
      2,
    ],
  ])('%s', (_, spec, cpu) => {
    expect(guaranteedCpu(spec)).toBe(cpu);
  });

  it.each<[string, JsonObject]>([
    ['there are no resources', { containers: [{ name: 'a' }] }],
    ['there is no memory limit', { containers: [container({ cpu: '1' })] }],
    ['a request is smaller', { containers: [container(full, { cpu: '1', memory: '1Mi' })] }],
    ['a limit is zero', { containers: [container({ cpu: '0', memory: '1Gi' })] }],
    ['a limit is no quantity', { containers: [container({ cpu: {}, memory: '1Gi' })] }],
    ['limits are null', { containers: [container(null)] }],
    ['one container of two has none', { containers: [container(full), { name: 'b' }] }],
    ['an init container has none', { initContainers: [{ name: 'i' }], containers: [container(full)] }],
    ['the pod has requests of its own', { resources: { requests: full }, containers: [container(full)] }],
    ['the pod has resources of its own', { resources: { limits: full }, containers: [container(full)] }],
  ])('is none where %s', (_, spec) => {
    expect(guaranteedCpu(spec)).toBeUndefined();
  });
});
