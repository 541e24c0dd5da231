/** The images that node tests run beside our own, made of Debian's static busybox. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from '../../scripts/build.ts';
import type { Image } from '../../scripts/image/archive.ts';
import { productImage } from '../../scripts/image/product.ts';
import type { TarEntry } from '../../scripts/image/tar.ts';
import { writeImage } from '../../scripts/image.ts';

const run = promisify(execFile);

export const nodeImages = {
  /** As `test/support/serving.ts` configures it. */
  agent: 'registry.example/countersign-agent:1',
  /** A shell and the usual tools, of no particular user. */
  tools: 'registry.example/tools:1',
  pause: 'registry.example/pause:1',
} as const;

/** The paths of the archives, written into `dir`. */
export async function buildNodeImages(dir: string): Promise<readonly string[]> {
  await build({ quiet: true });
  const tools = await busybox();
  const images: readonly Image[] = [
    { reference: nodeImages.pause, layers: [tools], user: '65535:65535', entrypoint: ['/bin/sleep', 'inf'] },
    { reference: nodeImages.tools, layers: [tools], user: '', entrypoint: [], command: ['/bin/sh'] },
    await productImage(nodeImages.agent),
  ];
  return Promise.all(
    images.map(async (image, at) => {
      const file = join(dir, `image-${at}.tar`);
      await writeImage({ env: ['PATH=/bin'], ...image }, file);
      return file;
    }),
  );
}

async function busybox(): Promise<readonly TarEntry[]> {
  const { stdout: path } = await run('sh', ['-c', 'command -v busybox']);
  const content = await readFile(path.trim());
  const { stdout: applets } = await run('busybox', ['--list']);
  const names = applets.split('\n').filter((name) => name !== '' && name !== 'busybox');
  return [
    { kind: 'file', path: 'bin/busybox', content, mode: 0o755 },
    ...names.map((name): TarEntry => ({ kind: 'link', path: `bin/${name}`, target: 'busybox' })),
    { kind: 'directory', path: 'tmp', mode: 0o1777 },
  ];
}
