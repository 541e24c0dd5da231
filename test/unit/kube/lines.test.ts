import { describe, expect, it } from 'vitest';
import { TOO_LARGE } from '../../../src/kube/client.ts';
import { linesOf } from '../../../src/kube/lines.ts';

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function linesIn(text: string, size: number, maxBytes = 1000): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(chunksOf(Buffer.from(text), size), maxBytes)) lines.push(line);
  return lines;
}

describe('linesOf', () => {
  it.each([1, 2, 3, 5, 7, 100])('finds the same lines in chunks of %i bytes', async (size) => {
    const text = '{"a":"ä"}\n\n{"b":"€ 🔑"}\n';

    expect(await linesIn(text, size)).toEqual(['{"a":"ä"}', '', '{"b":"€ 🔑"}']);
  });

  it('leaves out a line that was cut off', async () => {
    expect(await linesIn('whole\nhal', 4)).toEqual(['whole']);
  });

  it.each([
    ['that never ends', 'x'.repeat(101)],
    ['that ends', `${'x'.repeat(101)}\n`],
  ])('refuses a line over the limit %s', async (_case, text) => {
    await expect(linesIn(text, 10, 100)).rejects.toMatchObject({
      code: 'ERR_KUBE_PROTOCOL',
      cause: TOO_LARGE,
    });
  });

  it('takes a line of exactly the limit', async () => {
    expect(await linesIn(`${'x'.repeat(100)}\n`, 10, 100)).toEqual(['x'.repeat(100)]);
  });
});
