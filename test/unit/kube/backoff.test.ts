import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../src/kube/backoff.ts';

describe('backoffMs', () => {
  it.each([
    [1, 0, 500],
    [1, 0.999, 999.5],
    [2, 0.5, 1250],
    [6, 0.5, 15_250],
    [7, 0, 500],
    [7, 1, 30_000],
    [5000, 1, 30_000],
  ])('waits, after %i failures and the random number %d, %d ms', (failures, random, want) => {
    expect(backoffMs(failures, random)).toBe(want);
  });
});
