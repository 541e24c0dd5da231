import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.ts';
import { archiveOf, type Compression, type Image } from './image/archive.ts';
import { productImage, releasedImages } from './image/product.ts';

/**
 * `npm run image`: the container image for amd64 and arm64 as one file, without a registry and without Docker; the same
 * file wherever it is made. `ctr -n k8s.io images import FILE`, `docker load -i FILE` and `podman load -i FILE` take it.
 */

const defaultFile = 'dist/countersign.tar';
const defaultReference = 'countersign:latest';
const help = `usage: npm run image -- [--out FILE] [--reference NAME:TAG] [--machine]

  --out        where the archive is written (${defaultFile})
  --reference  the image's name (${defaultReference})
  --machine    only for this machine, with its own Node and libraries: nothing is fetched, nothing compressed
`;

export interface Written {
  readonly bytes: number;
  /** Of the whole file. */
  readonly sha256: string;
  /** By which a registry knows the image. */
  readonly digest: string;
}

export async function writeImage(image: Image, file: string): Promise<Written> {
  return writeImages([image], file, 'none');
}

export async function writeImages(
  images: readonly [Image, ...Image[]],
  file: string,
  compression: Compression,
): Promise<Written> {
  await mkdir(dirname(file), { recursive: true });
  const { pieces, digest } = await archiveOf(images, compression);
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  await using handle = await open(file, 'w');
  for (const piece of pieces) await handle.writeFile(piece);
  const bytes = pieces.reduce((total, piece) => total + piece.length, 0);
  return { bytes, sha256: hash.digest('hex'), digest };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: defaultFile },
      reference: { type: 'string', default: defaultReference },
      machine: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  await build({ quiet: true });
  const { out, reference } = values;
  const { bytes, sha256, digest } = values.machine
    ? await writeImage(await productImage(reference), out)
    : await writeImages(await releasedImages(reference), out, 'zstd');
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  process.stdout.write(`${out}  ${size}  sha256:${sha256}\n${reference}@${digest}\n`);
}

if (import.meta.main) await main();
