import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.ts';
import { archiveOf, type Image } from './image/archive.ts';
import { productImage } from './image/product.ts';

/**
 * `npm run image`: the container image as one file, without a registry and without Docker.
 * `ctr -n k8s.io images import FILE`, `docker load -i FILE` and `podman load -i FILE` take it.
 */

const defaultFile = 'dist/countersign.tar';
const defaultReference = 'countersign:latest';
const help = `usage: npm run image -- [--out FILE] [--reference NAME:TAG]

  --out        where the archive is written (${defaultFile})
  --reference  the image's name (${defaultReference})
`;

export interface Written {
  readonly bytes: number;
  /** Of the whole file; the same for the same sources on the same machine. */
  readonly sha256: string;
}

export async function writeImage(image: Image, file: string): Promise<Written> {
  await mkdir(dirname(file), { recursive: true });
  const pieces = archiveOf(image);
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  await using handle = await open(file, 'w');
  for (const piece of pieces) await handle.writeFile(piece);
  const bytes = pieces.reduce((total, piece) => total + piece.length, 0);
  return { bytes, sha256: hash.digest('hex') };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: defaultFile },
      reference: { type: 'string', default: defaultReference },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  await build({ quiet: true });
  const { bytes, sha256 } = await writeImage(await productImage(values.reference), values.out);
  process.stdout.write(
    `${values.out}  ${(bytes / 1e6).toFixed(1)} MB  ${values.reference}  sha256:${sha256}\n`,
  );
}

if (import.meta.main) await main();
