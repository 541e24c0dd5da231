/** A program of the tests' own in a pod, run by the Node of our image. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { JsonObject } from '../../src/core/json.ts';
import { nodeImages } from './node-images.ts';

/** Over the container `app`: runs `test/support/FILE` with these arguments. */
export async function programContainer(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<JsonObject> {
  const entry = fileURLToPath(new URL(file, import.meta.url));
  const options = { bundle: true, minify: true, platform: 'node', target: 'node24', format: 'esm' } as const;
  const { outputFiles } = await build({ ...options, entryPoints: [entry], write: false });
  const program = outputFiles.map(({ text }) => text).join('');
  return {
    image: nodeImages.agent,
    command: ['/nodejs/bin/node', '--input-type=module', '--eval', program, ...args],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
  };
}
