import { describe, expect, it } from 'vitest';
import { createBell } from '../../../src/review/bell.ts';

async function isOver(promise: Promise<void>): Promise<boolean> {
  const open = Symbol('open');
  return (await Promise.race([promise, Promise.resolve(open)])) !== open;
}

describe('a bell', () => {
  it('is heard by the one who waits', async () => {
    const bell = createBell();
    const heard = bell.heard(false, new AbortController().signal);
    expect(await isOver(heard)).toBe(false);
    bell.ring();
    await heard;
  });

  it('is not waited for where there is work', async () => {
    await createBell().heard(true, new AbortController().signal);
  });

  it('is not remembered: who comes later sees the work itself', async () => {
    const bell = createBell();
    bell.ring();
    expect(await isOver(bell.heard(false, new AbortController().signal))).toBe(false);
  });

  it.each(['before', 'while'] as const)('ends with a signal that aborts %s waiting', async (when) => {
    const stop = new AbortController();
    if (when === 'before') stop.abort();
    const heard = createBell().heard(false, stop.signal);
    stop.abort();
    await heard;
  });
});
