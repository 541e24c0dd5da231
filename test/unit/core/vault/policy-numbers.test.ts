import { describe, expect, it } from 'vitest';
import { durationNanoseconds, isTime, wholeNumber } from '../../../../src/core/vault/policy-numbers.ts';

const SECOND = 1_000_000_000n;

describe('a number of a policy', () => {
  it.each<[string, bigint | undefined]>([
    ['0', 0n],
    ['-5', -5n],
    ['0x1F', 31n],
    ['-0x1F', -31n],
    ['017', 15n],
    ['08', undefined],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['9223372036854775808', undefined],
    ['-9223372036854775808', -(2n ** 63n)],
    ['', undefined],
    ['1e3', undefined],
    ['1'.repeat(1000), undefined],
  ])('%s is whole or not', (text, value) => {
    expect(wholeNumber(text)).toBe(value);
  });

  it.each<[string, bigint | undefined]>([
    ['', 0n],
    ['0', 0n],
    ['90', 90n * SECOND],
    ['+5', 5n * SECOND],
    ['-5s', -5n * SECOND],
    ['1h30m', 5400n * SECOND],
    ['1.5h', 5400n * SECOND],
    ['.5s', SECOND / 2n],
    ['1.s', SECOND],
    ['1µs2ns', 1002n],
    ['7d', 604_800n * SECOND],
    ['1.5d', undefined],
    ['1h7d', undefined],
    ['1.5', undefined],
    ['.s', undefined],
    ['1 s', undefined],
    ['soon', undefined],
    ['10000000000', undefined],
    ['3000000h', undefined],
  ])('%s is a duration or not', (text, value) => {
    expect(durationNanoseconds(text)).toBe(value);
  });

  it.each<[string, boolean]>([
    ['2027-01-31T00:00:00Z', true],
    ['2027-01-31T00:00:00.123456789+02:00', true],
    ['1700000000', true],
    ['-007', true],
    ['2027-01-32T00:00:00Z', false],
    ['2027-01-31', false],
    ['2027-01-31T00:00:00', false],
    ['9'.repeat(30), false],
    ['tomorrow', false],
  ])('%s is a time or not', (text, expected) => {
    expect(isTime(text)).toBe(expected);
  });
});
