import { describe, expect, it } from 'vitest';
import { injectionProblems } from '../../../../src/core/inject/plan.ts';
import { readPod } from '../../../../src/core/inject/pod.ts';
import { bounded } from '../../../../src/core/inject/problems.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { ASKS, injected, inputFor, podWith } from './fixtures.ts';

function problemsOf(pod: unknown): readonly string[] {
  return readPod(pod).problems.map(({ field, message }) => `${field}: ${message}`);
}

describe('the outline of a pod', () => {
  it.each<[string, unknown, string]>([
    ['a pod that is none', 'x', 'pod: expected an object'],
    ['metadata', { metadata: [] }, 'metadata: expected an object'],
    ['annotations', { metadata: { annotations: 'x' } }, 'metadata.annotations: expected an object'],
    ['a spec', { spec: 7 }, 'spec: expected an object'],
    ['volumes', { spec: { volumes: {} } }, 'spec.volumes: expected a list'],
    ['a volume', { spec: { volumes: [{}, 'x'] } }, 'spec.volumes[1]: expected an object'],
    ['containers', { spec: { containers: 'x' } }, 'spec.containers: expected a list'],
    ['init containers', { spec: { initContainers: {} } }, 'spec.initContainers: expected a list'],
    [
      'an init container',
      { spec: { initContainers: [{}] } },
      'spec.initContainers[0].name: expected a string',
    ],
    ['env', { spec: { containers: [{ name: 'a', env: {} }] } }, 'spec.containers[a].env: expected a list'],
    [
      'a variable of a container without a name',
      { spec: { containers: [{ name: 'a' }, { name: 7, env: ['x'] }] } },
      'spec.containers[1].env[0]: expected an object',
    ],
    [
      'mounts',
      { spec: { containers: [{ name: 'a', volumeMounts: 'x' }] } },
      'spec.containers[a].volumeMounts: expected a list',
    ],
    ['no container', {}, 'spec.containers: expected at least one container'],
  ])('is wrong where there is something odd for %s', (_, pod, problem) => {
    expect(problemsOf(pod)).toContain(problem);
  });

  it('takes null for what is absent', () => {
    const nothing = { volumes: null, initContainers: null };
    const spec = { ...nothing, containers: [{ name: 'a', env: null, volumeMounts: null }] };

    expect(problemsOf({ metadata: null, spec })).toEqual([]);
    expect(problemsOf({ metadata: { annotations: null }, spec })).toEqual([]);
  });

  it('may hold a thousand containers', () => {
    const containers = (count: number): JsonObject[] =>
      Array.from({ length: count }, (_, at) => ({ name: `c${at}` }));

    expect(problemsOf({ spec: { containers: containers(999), initContainers: containers(1) } })).toEqual([]);
    expect(problemsOf({ spec: { containers: containers(999), initContainers: containers(2) } })).toEqual([
      'spec: expected at most 1000 containers',
    ]);
  });
});

describe('problems', () => {
  it('are fifty, and how many more', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ field: `f${at}`, message: 'x' }));

    expect(bounded([])).toEqual([]);
    expect(bounded(many(50))).toEqual(many(50));
    expect(bounded(many(52))).toEqual([...many(50), { field: 'f0', message: 'and 2 problems more' }]);
  });
});

describe('why an injection is not possible', () => {
  it('is not asked of a pod that can have one, or has one', () => {
    const pod = podWith(ASKS);

    expect(injectionProblems(inputFor(pod))).toEqual([]);
    expect(injectionProblems(inputFor(injected(inputFor(pod))))).toEqual([]);
  });

  it('is told as the plan would', () => {
    expect(injectionProblems(inputFor(podWith(ASKS, { containers: [] })))).toEqual([
      { field: 'spec.containers', message: 'expected at least one container' },
    ]);
  });
});
