import { expect, it } from 'vitest';
import { type FieldPath, printPath } from '../../../src/core/field-path.ts';

it.each<[FieldPath, string]>([
  [[], ''],
  [['spec'], 'spec'],
  [['spec', 'rules', 0, 'verbs'], 'spec.rules[0].verbs'],
  [[2, 'name'], '[2].name'],
  [['metadata', 'annotations', 'countersign.dev/needs'], 'metadata.annotations["countersign.dev/needs"]'],
  [['data', 'a-b_1'], 'data.a-b_1'],
  [['data', 'a b'], 'data["a b"]'],
  [['data', ' a'], 'data[" a"]'],
  [['data', 'a"'], String.raw`data["a\""]`],
  [['data', ''], 'data[""]'],
  [['a.b'], '["a.b"]'],
])('%j is written %s', (path, want) => {
  expect(printPath(path)).toBe(want);
});
