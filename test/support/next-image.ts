/** Our image as a later release has it: another tag of the same repository, the same sources with another version. */
import { build, type Plugin } from 'esbuild';
import { COMMON } from '../../scripts/build.ts';
import { productImage } from '../../scripts/image/product.ts';
import type { TarEntry } from '../../scripts/image/tar.ts';
import { writeImage } from '../../scripts/image.ts';
import { nodeImages } from './node-images.ts';

export const NEXT = { version: '0.2.0-next', tag: '2' } as const;

const server = 'app/countersign.cjs';

/** @param file where the archive is written; `dist` has been built */
export async function buildNextImage(file: string): Promise<void> {
  const [repository] = nodeImages.agent.split(':');
  const image = await productImage(`${repository}:${NEXT.tag}`);
  const content = await serverBundle();
  const replaced = (entry: TarEntry): TarEntry =>
    entry.kind === 'file' && entry.path === server ? { ...entry, content } : entry;
  await writeImage({ ...image, layers: image.layers.map((layer) => layer.map(replaced)) }, file);
}

async function serverBundle(): Promise<Buffer> {
  const { outputFiles } = await build({
    ...COMMON,
    plugins: [...(COMMON.plugins ?? []), asNextVersion],
    entryPoints: ['src/main.ts'],
    write: false,
  });
  return Buffer.concat(outputFiles.map(({ contents }) => contents));
}

const asNextVersion: Plugin = {
  name: 'as-next-version',
  setup(plugins) {
    plugins.onLoad({ filter: /\/src\/cli\/version\.ts$/ }, () => ({
      contents: `export const VERSION = ${JSON.stringify(NEXT.version)};`,
    }));
  },
};
