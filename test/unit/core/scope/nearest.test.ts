import { expect, it } from 'vitest';
import { nearest } from '../../../../src/core/scope/nearest.ts';

it.each([
  ['a missing letter', 'deploymnts', 'deployments'],
  ['a swap', 'gte', 'get'],
  ['another case', 'LIST', 'list'],
  ['three edits of a long word', 'networkpolicy', 'networkpolicies'],
  ['the nearer of two', 'lost', 'list'],
  ['the first of two as near', 'gets', 'get'],
])('finds %s', (_, word, expected) => {
  expect(nearest(word, ['get', 'gett', 'list', 'last', 'deployments', 'networkpolicies'])).toBe(expected);
});

it.each([
  ['too many edits', 'gxx'],
  ['an edit of two letters', 'ge'],
  ['nothing', ''],
  ['a huge word', 'get'.repeat(1000)],
])('finds nothing for %s', (_, word) => {
  expect(nearest(word, ['get', 'list'])).toBeUndefined();
});
