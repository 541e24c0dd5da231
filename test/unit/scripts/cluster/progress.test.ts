import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startProgress } from '../../../../scripts/cluster/progress.ts';

function fakeOutput(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, write: (text: string) => written.push(text) };
}

describe('startProgress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('writes a line every 30 s into a log, with what is going on', () => {
    const output = fakeOutput(false);
    const progress = startProgress('[1/4] etcd', output);
    vi.advanceTimersByTime(31_000);
    progress.note('12 packages compiled');
    vi.advanceTimersByTime(30_000);
    progress.end('built');
    vi.advanceTimersByTime(90_000);
    expect(output.written).toEqual([
      '[1/4] etcd: started\n',
      '[1/4] etcd: 30 s\n',
      '[1/4] etcd: 60 s, 12 packages compiled\n',
      '[1/4] etcd: built after 61 s\n',
    ]);
  });

  it('redraws one line every second on a terminal', () => {
    const output = fakeOutput(true);
    const progress = startProgress('etcd', output);
    vi.advanceTimersByTime(2_000);
    progress.end('built');
    expect(output.written).toEqual([
      'etcd: started',
      '\r\u001b[Ketcd: 1 s',
      '\r\u001b[Ketcd: 2 s',
      '\r\u001b[Ketcd: built after 2 s\n',
    ]);
  });
});
