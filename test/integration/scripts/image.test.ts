/** The whole archive, built twice from a copy of the sources, which is moved between, by users with other habits. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metafiles } from '../../../scripts/build.ts';
import { bundledPackages } from '../../../scripts/sbom/bundled.ts';

const run = promisify(execFile);
let root = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'countersign-image-'));
  await copyTo(join(root, 'a'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const tools = ['esbuild', '@esbuild', 'node'];

/** Of a clone after `npm ci`, what an image is built from. */
async function copyTo(dir: string): Promise<void> {
  const lockfile = JSON.parse(await readFile('package-lock.json', 'utf8'));
  const bundled = bundledPackages(await metafiles(), lockfile).map(({ name }) => name);
  const folders = new Set([...tools, ...bundled, 'axios'].map((name) => `node_modules/${name}`));
  for (const path of ['package.json', 'tsconfig.json', 'scripts', 'src', ...folders]) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await cp(path, join(dir, path), { recursive: true });
  }
}

interface Habits {
  readonly umask: string;
  readonly env: Readonly<Record<string, string>>;
}

async function imageBy({ umask, env }: Habits, dir: string): Promise<string> {
  const times = new Date(umask === '000' ? '2001-02-03' : '2030-01-01');
  await utimes(join(dir, 'src/main.ts'), times, times);
  await rm(join(dir, 'dist'), { recursive: true, force: true });
  const script = `umask ${umask} && exec "$0" scripts/image.ts --machine --out out/image.tar`;
  await run('/bin/sh', ['-c', script, resolve(process.execPath)], {
    cwd: dir,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  return createHash('sha256')
    .update(await readFile(join(dir, 'out/image.tar')))
    .digest('hex');
}

describe('npm run image', () => {
  it('makes the same bytes in another folder, for another user, at another time', async () => {
    const [here, there] = [join(root, 'a'), join(root, 'somewhere/else/with a space')];
    const first = await imageBy({ umask: '000', env: { TZ: 'Asia/Tokyo', LANG: 'C', HOME: '/one' } }, here);
    await mkdir(dirname(there), { recursive: true });
    await rename(here, there);
    const env = { TZ: 'America/Lima', LANG: 'tr_TR.UTF-8', HOME: '/two', SOURCE_DATE_EPOCH: '1' };
    const second = await imageBy({ umask: '077', env }, there);

    expect(second).toBe(first);
  }, 180_000);

  it('has no path of the machine in its bundles', async () => {
    for (const bundle of ['countersign.cjs', 'agent.cjs']) {
      const text = await readFile(join(root, 'somewhere/else/with a space/dist', bundle), 'utf8');
      expect(text).not.toContain(root);
      expect(text).not.toContain('sourceMappingURL');
    }
  });
});
