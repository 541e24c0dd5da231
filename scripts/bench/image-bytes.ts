import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Image } from '../image/archive.ts';
import { tarOf } from '../image/tar.ts';

export interface ImageBytes {
  /** Of the layers, as registries keep and nodes fetch them: gzip. */
  readonly compressedBytes: number;
  /** Of the files in them. */
  readonly unpackedBytes: number;
}

export async function imageBytes({ layers }: Image): Promise<ImageBytes> {
  const compressed = await Promise.all(
    layers.map(async (entries) => (await promisify(gzip)(Buffer.concat(tarOf(entries)))).length),
  );
  const files = layers.flat().map((entry) => (entry.kind === 'file' ? entry.content.length : 0));
  return { compressedBytes: sum(compressed), unpackedBytes: sum(files) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
