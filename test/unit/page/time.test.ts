import { describe, expect, it } from 'vitest';
import { agoText, exactText, leftText } from '../../../src/page/time.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');

describe('a time', () => {
  it.each([
    ['2026-01-31T12:00:00Z', 'now'],
    ['2026-01-31T11:59:01Z', 'now'],
    ['2026-01-31T11:59:00Z', '1 min ago'],
    ['2026-01-31T11:00:01Z', '59 min ago'],
    ['2026-01-31T09:00:00Z', '3 h ago'],
    ['2026-01-29T11:59:59Z', '2 d ago'],
    ['2026-01-31T12:00:59Z', 'now'],
    ['2026-01-31T14:00:00Z', 'in 2 h 00 min'],
    ['<b>yesterday</b>', ''],
    [undefined, ''],
  ])('%s is %s', (time, expected) => {
    expect(agoText(time, NOW)).toBe(expected);
  });

  it.each([
    [-5, '0 s'],
    [9.9, '9 s'],
    [249, '4 min 09 s'],
    [3600, '1 h 00 min'],
    [11_100, '3 h 05 min'],
    [183_600, '2 d 3 h'],
  ])('of %s s is left as %s', (seconds, expected) => {
    expect(leftText(seconds)).toBe(expected);
  });

  it('is exact to the second, and nothing where it is none', () => {
    expect([exactText(NOW + 123), exactText(Number.NaN)]).toEqual(['2026-01-31T12:00:00Z', '']);
  });
});
