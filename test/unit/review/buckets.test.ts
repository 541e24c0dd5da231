import { beforeEach, describe, expect, it } from 'vitest';
import { type Buckets, createBuckets } from '../../../src/review/buckets.ts';
import { createManualClock, type ManualClock } from '../kube/manual-clock.ts';

let clock: ManualClock;
let buckets: Buckets;

beforeEach(() => {
  clock = createManualClock();
  buckets = createBuckets({ burst: 3, perMinute: 2 }, 2, clock);
});

function taken(key: string): number {
  let count = 0;
  while (buckets.take(key)) count += 1;
  return count;
}

describe('createBuckets', () => {
  it('gives a burst to each key', () => {
    expect([taken('a'), taken('b'), taken('a')]).toEqual([3, 3, 0]);
  });

  it.each([
    [29, 0],
    [30, 1],
    [60, 2],
    [3600, 3],
  ])('has after %i seconds %i tokens more', (seconds, tokens) => {
    taken('a');
    clock.advance(seconds * 1000);

    expect(buckets.has('a')).toBe(tokens > 0);
    expect(taken('a')).toBe(tokens);
  });

  it('takes nothing by looking', () => {
    for (let looks = 0; looks < 10; looks += 1) expect(buckets.has('a')).toBe(true);

    expect(taken('a')).toBe(3);
  });

  it('forgets the key that was used longest ago', () => {
    taken('a');
    taken('b');
    buckets.take('c');

    expect([taken('b'), taken('a')]).toEqual([0, 3]);
  });
});
