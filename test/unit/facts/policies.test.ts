import { describe, expect, it } from 'vitest';
import { complaintOf, createPolicyStore } from '../../../src/facts/policies.ts';
import { ignore, type SpotProblem } from '../../../src/facts/spot.ts';

function policy(name: string, spec: unknown, lastValid?: object): object {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ScopePolicy',
    metadata: { name },
    spec,
    status: { lastValid },
  };
}

const WRONG = { allow: ['get pods in'], forbid: ['preset:x'] };

describe('a store of policies', () => {
  it('gives those that count, by name, and the state of each', () => {
    const store = createPolicyStore();
    const problems: SpotProblem[] = [];
    for (const [name, spec, lastValid] of [
      ['d', {}, undefined],
      ['c', WRONG, undefined],
      ['b', WRONG, { priority: 2 }],
      ['a', {}, undefined],
    ] as const)
      store.put(name, policy(name, spec, lastValid), (problem) => problems.push(problem));

    expect(store.all().map(({ name, priority }) => [name, priority])).toEqual([
      ['a', 0],
      ['b', 2],
      ['d', 0],
    ]);
    expect(store.states().map(({ name, state }) => [name, state])).toEqual([
      ['a', 'valid'],
      ['b', 'lastValid'],
      ['c', 'none'],
      ['d', 'valid'],
    ]);
    expect(problems.map(({ path, line }) => [path.join('.'), line])).toEqual([
      ['spec.allow.0', 1],
      ['spec.forbid.0', undefined],
      ['spec.allow.0', 1],
      ['spec.forbid.0', undefined],
    ]);
  });

  it('keeps what it has seen valid, until the policy is gone', () => {
    const store = createPolicyStore();
    store.put('p', policy('p', { priority: 7 }), ignore);
    store.put('p', policy('p', WRONG), ignore);
    expect(store.all()).toMatchObject([{ priority: 7 }]);

    store.drop('p');
    expect(store.all()).toEqual([]);
    expect(store.states()).toEqual([]);

    store.put('p', policy('p', WRONG), ignore);
    expect(store.all()).toEqual([]);
  });

  it('has a complaint about each that is not valid', () => {
    const store = createPolicyStore();
    store.put('a', policy('a', {}), ignore);
    store.put('b', policy('b', WRONG, {}), ignore);
    store.put('c', policy('c', { allow: ['get pods in'] }), ignore);

    expect(store.states().map(complaintOf)).toEqual([
      undefined,
      'ScopePolicy b is not valid, so its last valid version counts: spec.allow[0]: line 1, column 12: expected a namespace after `in` (and 1 more)',
      'ScopePolicy c is not valid, so it has no effect: spec.allow[0]: line 1, column 12: expected a namespace after `in`',
    ]);
  });
});
