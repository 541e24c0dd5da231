import { describe, expect, it, vi } from 'vitest';
import { budgetMs, parseGoDuration, startDeadline } from '../../../src/admit/deadline.ts';

describe('a Go duration', () => {
  it.each([
    ['5s', 5000],
    ['1m0s', 60_000],
    ['1500ms', 1500],
    ['1.5s', 1500],
    ['.5s', 500],
    ['2h3m4.5s', 7_384_500],
    ['250µs', 0.25],
    ['0', 0],
    ['0s', 0],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseGoDuration(text)).toBeCloseTo(milliseconds, 6);
  });

  it.each([
    '',
    '5',
    's',
    '-5s',
    '+5s',
    '5 s',
    '5s ',
    '5d',
    '5S',
    '1m0',
    '1e3s',
    '..5s',
    '5s'.repeat(30),
    '__proto__',
  ])('%j is none', (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  });
});

describe('the budget of a call', () => {
  it.each([
    ['5s', 4500],
    ['10s', 9500],
    ['1s', 500],
    ['600ms', 300],
    ['2h', 29_500],
    [undefined, 9500],
    ['soon', 9500],
    ['0s', 9500],
  ])('with timeout=%s is %d ms', (timeout, milliseconds) => {
    expect(budgetMs(timeout)).toBe(milliseconds);
  });
});

describe('a deadline', () => {
  it('aborts with a code and says so once', async () => {
    const onExpiry = vi.fn<() => void>();
    const deadline = startDeadline(10, onExpiry);
    expect([deadline.signal.aborted, deadline.expired()]).toEqual([false, false]);

    await new Promise((resolve) => setTimeout(resolve, 40));

    expect(deadline.expired()).toBe(true);
    expect(deadline.signal.reason).toMatchObject({ code: 'ERR_DEADLINE' });
    expect(onExpiry).toHaveBeenCalledTimes(1);
  });

  it('is expired by the clock while the event loop is busy', () => {
    const deadline = startDeadline(1);
    const until = performance.now() + 5;
    while (performance.now() < until);
    expect([deadline.expired(), deadline.signal.aborted]).toEqual([true, false]);
    deadline.stop();
  });

  it('does not abort once it is stopped', async () => {
    const deadline = startDeadline(5);
    deadline.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(deadline.signal.aborted).toBe(false);
  });
});
