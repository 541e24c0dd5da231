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

it('takes a nearer one that comes later', () => {
  expect(nearest('deployment', ['deploymints', 'deployments'])).toBe('deployments');
});

it.each([
  ['a swap of the first letter only', 'xba', 'xac'],
  ['a swap of the second letter only', 'xab', 'xca'],
])('does not take half a swap for one: %s', (_, word, candidate) => {
  expect(nearest(word, [candidate])).toBeUndefined();
});

it('looks for words of a usual length only', () => {
  const long = 'a'.repeat(64);

  expect(nearest(`${long.slice(1)}b`, [long])).toBe(long);
  expect(nearest(`${long}b`, [long])).toBeUndefined();
});

it.each([
  ['too many edits', 'gxx'],
  ['an edit of two letters', 'ge'],
  ['nothing', ''],
  ['a huge word', 'get'.repeat(1000)],
])('finds nothing for %s', (_, word) => {
  expect(nearest(word, ['get', 'list'])).toBeUndefined();
});
