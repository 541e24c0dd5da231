import { expect, it } from 'vitest';
import { tellOfPolicies } from '../../../../src/facts/cluster/policy-log.ts';
import { createPolicyStore } from '../../../../src/facts/policies.ts';
import { ignore } from '../../../../src/facts/spot.ts';

it('says of each policy once that it is not valid, and once that it is again', () => {
  const store = createPolicyStore();
  const said: string[] = [];
  const plain = {
    put(object: unknown) {
      store.put('p', object, ignore);
      return 'p';
    },
    drop: () => store.drop('p'),
    retain: () => store.drop('p'),
  };
  const log = {
    info: (_: object, message: string) => said.push(message),
    warn: (_: object, message: string) => said.push(message),
  };
  const sink = tellOfPolicies(plain, () => store.states(), log);
  const put = (spec: object) =>
    sink.put({
      apiVersion: 'countersign.dev/v1alpha1',
      kind: 'ScopePolicy',
      metadata: { name: 'p' },
      spec,
    });

  expect(put({})).toBe('p');
  expect(said).toEqual([]);
  put({ allow: ['get pods in'] });
  put({ allow: ['get pods in'] });
  expect(said).toEqual(['a policy is not valid']);
  put({ allow: ['get'] });
  put({});
  put({});
  expect(said.splice(0)).toEqual([
    'a policy is not valid',
    'a policy is not valid',
    'a policy is valid again',
  ]);

  for (const remove of [() => sink.drop({}), () => sink.retain(new Set())]) {
    put({ allow: ['get'] });
    remove();
    put({ allow: ['get'] });
    expect(said.splice(0)).toEqual(['a policy is not valid', 'a policy is not valid']);
    sink.drop({});
  }
});
