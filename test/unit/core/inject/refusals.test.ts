import { describe, expect, it } from 'vitest';
import { injectionProblems } from '../../../../src/core/inject/plan.ts';
import { isNode } from '../../../../src/core/inject/refusals.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { ASKS, inputFor, podWith } from './fixtures.ts';

function fieldsOf(annotations: JsonObject, spec: JsonObject = {}): readonly string[] {
  const pod = podWith(ASKS, spec);
  const metadata = { annotations: { ...ASKS, ...annotations } };
  return injectionProblems(inputFor({ ...pod, metadata })).map(({ field }) => field);
}

describe('another injector on the same pod', () => {
  const VAULT = 'vault.hashicorp.com/agent-inject';

  it.each(['0', 'f', 'F', 'FALSE', 'false', 'False'])('is off where its annotation is %s', (value) => {
    expect(fieldsOf({ [VAULT]: value })).toEqual([]);
  });

  it.each([[null], [undefined]])('is off where its annotation is %j', (value) => {
    expect(fieldsOf({ [VAULT]: value })).toEqual([]);
  });

  it.each([['true'], ['yes'], [''], [false], [0], [{}]])('is on where its annotation is %j', (value) => {
    expect(fieldsOf({ [VAULT]: value })).toEqual([VAULT]);
  });

  it.each(['vault.security.banzaicloud.io/', 'secrets-webhook.security.bank-vaults.io/'])(
    'is on with any annotation of %s, unless it says skip',
    (prefix) => {
      expect(fieldsOf({ [`${prefix}vault-addr`]: 'x' })).toEqual([`${prefix}vault-addr`]);
      expect(fieldsOf({ [`${prefix}vault-addr`]: 'x', [`${prefix}mutate`]: 'skip' })).toEqual([]);
    },
  );
});

describe('a pod for Windows', () => {
  it.each<[JsonObject, readonly string[]]>([
    [{ nodeSelector: { 'beta.kubernetes.io/os': 'windows' } }, ['spec.nodeSelector[beta.kubernetes.io/os]']],
    [{ nodeSelector: { 'kubernetes.io/os': 'windows' } }, ['spec.nodeSelector[kubernetes.io/os]']],
    [{ os: { name: 'windows' } }, ['spec.os.name']],
    [{ os: { name: 'linux' }, nodeSelector: { 'kubernetes.io/os': 'linux' } }, []],
    [{ nodeSelector: { 'example.com/os': 'windows' } }, []],
  ])('is told from %j: %j', (spec, want) => {
    expect(fieldsOf({}, spec)).toEqual(want);
  });
});

it.each([
  ['system:node:worker-1', true],
  ['system:node:', false],
  ['jane:system:node:x', false],
  ['system:nodes', false],
])('%s is a node: %j', (username, want) => {
  expect(isNode(username)).toBe(want);
});
