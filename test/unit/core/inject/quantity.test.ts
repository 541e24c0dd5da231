import { describe, expect, it } from 'vitest';
import { largest, quantityOf } from '../../../../src/core/inject/quantity.ts';

const NANO = 1_000_000_000n;

describe('a quantity', () => {
  it.each<[unknown, bigint]>([
    ['0', 0n],
    ['1', NANO],
    [1, NANO],
    [0.5, NANO / 2n],
    ['1000m', NANO],
    ['0.1', NANO / 10n],
    ['100m', NANO / 10n],
    ['.5', NANO / 2n],
    ['5.', 5n * NANO],
    ['+1k', 1000n * NANO],
    ['-1', -NANO],
    ['1Ki', 1024n * NANO],
    ['0.5Gi', 512n * 1024n * 1024n * NANO],
    ['512Mi', 512n * 1024n * 1024n * NANO],
    ['1e3', 1000n * NANO],
    ['1E3', 1000n * NANO],
    ['1E', 10n ** 18n * NANO],
    ['1e-3', NANO / 1000n],
    ['1e10', 10n ** 10n * NANO],
    ['3M', 3n * 10n ** 6n * NANO],
    ['3G', 3n * 10n ** 9n * NANO],
    ['3T', 3n * 10n ** 12n * NANO],
    ['3P', 3n * 10n ** 15n * NANO],
    ['3Ti', 3n * 2n ** 40n * NANO],
    ['3Pi', 3n * 2n ** 50n * NANO],
    ['3Ei', 3n * 2n ** 60n * NANO],
    ['1.0n', 1n],
    ['1.1n', 2n],
    ['1'.padStart(64, '0'), NANO],
    ['1n', 1n],
    ['0.1n', 1n],
    ['1u', 1000n],
  ])('%j', (text, size) => {
    expect(quantityOf(text)).toBe(size);
  });

  it.each([
    undefined,
    null,
    '',
    '.',
    'm',
    '1 ',
    '1mi',
    '1e999',
    '0x1',
    '1,5',
    {},
    [],
    ['1'],
    true,
    Number.NaN,
    '9'.repeat(65),
  ])('%j is none', (value) => {
    expect(quantityOf(value)).toBeUndefined();
  });

  it('compares by value and keeps its spelling', () => {
    expect(largest('500m', '0.4')).toBe('500m');
    expect(largest('500m', '1')).toBe('1');
    expect(largest('500m', '0.5')).toBe('500m');
    expect(largest(undefined, '1m')).toBe('1m');
    expect(largest('1m', 'nonsense')).toBe('1m');
  });
});
