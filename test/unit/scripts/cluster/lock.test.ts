import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../../../scripts/cluster/lock.ts';

let dir = '';
let path = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'countersign-lock-'));
  path = join(dir, 'lock');
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function options(onWait: (holder: number) => void = () => undefined) {
  return { signal: new AbortController().signal, onWait };
}

function deadPid(): number {
  return spawnSync('true').pid;
}

describe('withLock', () => {
  it('runs one holder at a time', async () => {
    let inside = 0;
    let most = 0;
    async function work(): Promise<void> {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
    }
    await Promise.all([1, 2, 3].map(() => withLock(path, options(), work)));
    expect(most).toBe(1);
  });

  it('says who holds it while it waits', async () => {
    const holders: number[] = [];
    await withLock(path, options(), async () => {
      const waiting = new AbortController();
      const second = withLock(
        path,
        { signal: waiting.signal, onWait: (holder) => holders.push(holder) },
        async () => 1,
      );
      await expect.poll(() => holders.length).toBeGreaterThan(0);
      waiting.abort();
      await expect(second).rejects.toThrow('abort');
    });
    expect(new Set(holders)).toEqual(new Set([process.pid]));
  });

  it.each([
    ['the pid of a process that is gone', () => writeFileSync(path, `${deadPid()} x`)],
    ['nothing', () => writeFileSync(path, '')],
    ['garbage', () => writeFileSync(path, 'no pid')],
    [
      'a living pid that has not touched it for long',
      () => {
        writeFileSync(path, `${process.pid} x`);
        const then = new Date(Date.now() - 120_000);
        utimesSync(path, then, then);
      },
    ],
  ])('takes over a lock with %s', async (_, leave) => {
    leave();
    const waits: number[] = [];
    expect(
      await withLock(
        path,
        options((holder) => waits.push(holder)),
        async () => 'done',
      ),
    ).toBe('done');
    expect(waits).toEqual([]);
  });

  it('leaves nothing behind, also when the work fails', async () => {
    const failing = withLock(path, options(), () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('does not release a lock that another process has taken over', async () => {
    await withLock(path, options(), async () => writeFileSync(path, 'another'));
    expect(readdirSync(dir)).toEqual(['lock']);
  });
});
