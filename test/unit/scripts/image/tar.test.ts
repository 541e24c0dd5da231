import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TarEntry, tarOf } from '../../../../scripts/image/tar.ts';

let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'countersign-tar-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const entries: readonly TarEntry[] = [
  { kind: 'file', path: 'usr/bin/tool', content: Buffer.from('x'.repeat(513)), mode: 0o755 },
  { kind: 'link', path: 'bin', target: 'usr/bin' },
  { kind: 'file', path: 'empty', content: Buffer.alloc(0) },
  { kind: 'directory', path: 'tmp', mode: 0o1777 },
];

function extracted(): void {
  const file = join(dir, 'a.tar');
  writeFileSync(file, Buffer.concat(tarOf(entries)));
  execFileSync('tar', ['-x', '--no-same-owner', '--same-permissions', '-f', file, '-C', dir]);
}

describe('tarOf', () => {
  it('makes what tar(1) reads', () => {
    extracted();
    expect(readFileSync(join(dir, 'usr/bin/tool'), 'utf8')).toBe('x'.repeat(513));
    expect(readlinkSync(join(dir, 'bin'))).toBe('usr/bin');
    expect(readFileSync(join(dir, 'empty'))).toHaveLength(0);
    const modes = ['usr/bin/tool', 'empty', 'tmp', 'usr'].map(
      (path) => statSync(join(dir, path)).mode & 0o7777,
    );
    expect(modes).toEqual([0o755, 0o644, 0o1777, 0o755]);
  });

  it('dates everything to the epoch', () => {
    extracted();
    expect(statSync(join(dir, 'usr/bin/tool')).mtimeMs).toBe(0);
  });

  it('is the same in whatever order the entries come', () => {
    expect(Buffer.concat(tarOf(entries.toReversed()))).toEqual(Buffer.concat(tarOf(entries)));
  });

  it('refuses a path that does not fit, and cuts none', () => {
    const long = `${'a'.repeat(60)}/${'b'.repeat(60)}`;
    expect(() => tarOf([{ kind: 'file', path: long, content: Buffer.alloc(0) }])).toThrow(long);
  });
});
