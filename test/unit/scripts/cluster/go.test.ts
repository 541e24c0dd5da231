import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compile, versionProblem } from '../../../../scripts/cluster/go.ts';

describe('versionProblem', () => {
  it.each(['go1.26', 'go1.26.0', 'go1.26.8', 'go1.27rc1', 'go1.100.2', 'devel go1.27-3f1c2d Tue'])(
    '%s will do',
    (version) => {
      expect(versionProblem(version)).toBeUndefined();
    },
  );

  it.each(['go1.25.9', 'go1.3', 'go1.2', '', 'gccgo'])('"%s" is answered with what to install', (version) => {
    expect(versionProblem(version)).toContain('install Go 1.26 or later');
  });
});

describe('compile', () => {
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-go-'));
    await writeFile(join(folder, 'go'), '#!/bin/sh\necho "$CGO_ENABLED $*" > "$GOTMPDIR/said"\n');
    await chmod(join(folder, 'go'), 0o755);
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['neither tags nor C', {}, '0 build -v -trimpath -tags= -ldflags -s -o'],
    ['both', { tags: 'minimal', cgo: true }, '1 build -v -trimpath -tags=minimal -ldflags -s -o'],
  ])('of a component with %s', async (_, more, said) => {
    const component = { name: 'a', version: '1', module: 'etcd', goPackage: 'a.test/a', linkerFlags: '-s' };
    const { signal } = new AbortController();
    await compile({ component: { ...component, ...more }, folder, signal, onPackage: () => undefined });
    expect(await readFile(join(folder, 'said'), 'utf8')).toBe(`${said} ${join(folder, 'a')} a.test/a\n`);
  });
});
