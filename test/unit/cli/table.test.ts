import { describe, expect, it } from 'vitest';
import { age, table } from '../../../src/cli/table.ts';

describe('table', () => {
  it('prints columns as kubectl does', () => {
    expect(
      table(
        ['NAME', 'STATE', 'AGE'],
        [
          ['d-7f3k2m4q', 'Open', '5m'],
          ['x', '', '1h'],
        ],
      ),
    ).toBe(['NAME         STATE    AGE', 'd-7f3k2m4q   Open     5m', 'x            <none>   1h'].join('\n'));
  });

  it.each([
    ['terminal escapes', '\u001b[2J'],
    ['a line break', 'a\nb'],
    ['right-to-left marks', '\u202egpj.exe'],
  ])('shows %s as text', (_, hostile) => {
    expect(table(['NAME'], [[hostile]])).toMatch(/^NAME\n[ -~]+$/u);
  });

  it('cuts 64 kB', () => {
    expect(table(['NAME'], [['x'.repeat(65_536)]]).length).toBeLessThan(300);
  });
});

describe('age', () => {
  it.each([
    [0, '0s'],
    [-5, '0s'],
    [119, '119s'],
    [120, '2m'],
    [330, '5m30s'],
    [10 * 60, '10m'],
    [179 * 60, '179m'],
    [3 * 3600 + 60 * 20, '3h20m'],
    [8 * 3600, '8h'],
    [47 * 3600, '47h'],
    [2 * 86_400, '2d'],
    [2 * 86_400 + 3600 * 5, '2d5h'],
    [8 * 86_400, '8d'],
    [400 * 86_400, '400d'],
    [3 * 31_536_000 + 86_400, '3y1d'],
    [9 * 31_536_000, '9y'],
  ])('of %i s is %s', (seconds, want) => {
    expect(age(0, seconds * 1000)).toBe(want);
  });

  it('of no time is empty', () => {
    expect(age(Number.NaN, 0)).toBe('');
  });
});
