import { expect, it } from 'vitest';
import { type LabelSelector, readSelector, selects } from '../../../src/core/labels.ts';

const expression = (operator: unknown, values?: unknown) => ({
  matchExpressions: [{ key: 'a', operator, values }],
});

it.each<[unknown, boolean]>([
  [{}, true],
  [{ matchLabels: null, matchExpressions: null }, true],
  [{ matchLabels: { a: 'b' } }, true],
  [{ matchLabels: { a: 'c' } }, false],
  [{ matchLabels: { a: 'b', toString: 'x' } }, false],
  [expression('In', ['b']), true],
  [expression('In', 'b'), false],
  [expression('NotIn', ['b']), false],
  [expression('NotIn', ['c']), true],
  [expression('Exists'), true],
  [expression('DoesNotExist'), false],
])('%j selects a=b: %j', (written, want) => {
  const selector = readSelector(written);

  expect(selector && selects(selector, { a: 'b' })).toBe(want);
});

it.each<[LabelSelector['matchExpressions'][number]['operator'], readonly string[], boolean]>([
  ['In', ['b'], false],
  ['In', ['undefined'], false],
  ['NotIn', ['b'], true],
  ['Exists', [], false],
  ['DoesNotExist', [], true],
])('%s %j of a label that is not there: %j', (operator, values, want) => {
  const selector = { matchLabels: {}, matchExpressions: [{ key: 'a', operator, values }] };

  expect(selects(selector, { other: 'b' })).toBe(want);
});

it('takes no property of every object for a label', () => {
  const selector = {
    matchLabels: {},
    matchExpressions: [{ key: 'constructor', operator: 'Exists', values: [] }],
  };

  expect(selects(selector as LabelSelector, { a: 'b' })).toBe(false);
});

it('holds only when everything of it does', () => {
  const selector = readSelector({
    matchLabels: { a: 'b', c: 'd' },
    matchExpressions: [
      { key: 'e', operator: 'Exists' },
      { key: 'f', operator: 'In', values: ['g', 'h', 7] },
    ],
  });

  expect(selector?.matchExpressions[1]).toEqual({ key: 'f', operator: 'In', values: ['g', 'h'] });
  const all = { a: 'b', c: 'd', e: '', f: 'h' };
  expect(selector && selects(selector, all)).toBe(true);
  for (const without of Object.keys(all)) {
    const labels = Object.fromEntries(Object.entries(all).filter(([key]) => key !== without));
    expect(selector && selects(selector, labels)).toBe(false);
  }
});

it('is no selector where the key of an expression is missing', () => {
  expect(readSelector({ matchExpressions: [{ operator: 'Exists' }] })).toBeUndefined();
});

it.each([undefined, null, 'x', [], expression('Near'), expression(undefined), { matchExpressions: ['x'] }])(
  '%j is no selector',
  (written) => {
    expect(readSelector(written)).toBeUndefined();
  },
);
