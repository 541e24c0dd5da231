import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../src/core/duration.ts';

describe('a duration', () => {
  it.each([
    ['24h', 86_400],
    ['1h30m', 5400],
    ['90s', 90],
    ['1h1m1s', 3661],
    ['0s', 0],
    ['99999h', 359_996_400],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(['', '1', '1d', '1h ', '1m1h', '1h1h', '-1h', '1.5h', '100000h', '١h', '1h\n'])(
    'is not %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});
