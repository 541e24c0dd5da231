import { describe, expect, it } from 'vitest';
import { waitMilliseconds } from '../../../src/vault/backoff.ts';

const backoff = { baseMilliseconds: 500, capMilliseconds: 15_000 };

describe('waitMilliseconds', () => {
  it.each([
    [0, 0.5, undefined, 250],
    [1, 0.5, undefined, 500],
    [4, 0.5, undefined, 4_000],
    [20, 0.5, undefined, 7_500],
    [5_000, 0.5, undefined, 7_500],
    [3, 0, undefined, 0],
    [0, 0.5, 10, 10_000],
    [20, 0.9, 1, 13_500],
  ])('after %d attempts, with luck %d and asked for %s s, is %d ms', (attempt, random, asked, expected) => {
    expect(waitMilliseconds(backoff, attempt, random, asked)).toBe(expected);
  });
});
