import { describe, expect, it } from 'vitest';
import { createPool } from '../../../src/facts/pool.ts';

describe('createPool', () => {
  it('gives one list for equal lists', () => {
    const pool = createPool();

    expect(pool.texts(['get', 'list'])).toBe(pool.texts(['get', 'list']));
    expect(pool.texts([])).toBe(createPool().texts([]));
  });

  it.each([
    [['a', 'b'], ['a,b']],
    [['a'], ['a', '']],
    [[''], []],
    [
      ['a\n', 'b'],
      ['a', '\nb'],
    ],
    [['a","b'], ['a', 'b']],
    [['\ud800'], ['\udfff']],
  ])('keeps %j and %j apart', (one, other) => {
    const pool = createPool();
    pool.texts(one);

    expect(pool.texts(other)).toEqual(other);
  });

  it('hands on what is too long to be worth it', () => {
    const pool = createPool();
    const long = ['x'.repeat(5000)];
    const many = Array.from({ length: 17 }, String);

    expect(pool.texts(long)).toBe(long);
    expect(pool.texts(many)).toBe(many);
    expect(pool.texts([...many])).not.toBe(many);
    expect(pool.text(long[0] ?? '')).toBe(long[0]);
  });

  it('stays right when more comes than it keeps', () => {
    const pool = createPool();
    for (let index = 0; index < 50_000; index += 1)
      expect(pool.texts([`verb-${index}`])).toEqual([`verb-${index}`]);

    expect(pool.texts(['verb-0'])).toEqual(['verb-0']);
  });
});
