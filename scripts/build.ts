import { mkdir, stat } from 'node:fs/promises';
import { type BuildOptions, build as bundle, type Metafile, type Plugin } from 'esbuild';
import { buildPage, pageMetafile } from './build-page.ts';

/**
 * `npm run build`: the two bundles. `dist/countersign.cjs` is server and CLI, with the page of `countersign ui` in it;
 * `dist/agent.cjs` is what runs in pods, and carries nothing of the server.
 */

/** node-vault loads axios, which our own transport replaces; leaving it out saves 9 MB of memory in every pod. */
const withoutAxios: Plugin = {
  name: 'without-axios',
  setup(plugins) {
    plugins.onResolve({ filter: /^axios$/ }, () => ({ path: 'axios', namespace: 'absent' }));
    plugins.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
      contents: `module.exports = new Proxy(function () {}, { get() { throw new Error('axios is not part of this bundle'); } });`,
    }));
  },
};

export const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [withoutAxios],
};

const BUNDLES: readonly (readonly [entry: string, outfile: string])[] = [
  ['src/main.ts', 'dist/countersign.cjs'],
  ['src/agent/main.ts', 'dist/agent.cjs'],
];

export async function build({ quiet }: { readonly quiet: boolean }): Promise<void> {
  await mkdir('dist', { recursive: true });
  const define = { COUNTERSIGN_PAGE: JSON.stringify(await buildPage()) };
  await Promise.all(
    BUNDLES.map(([entry, outfile]) => bundle({ ...COMMON, define, entryPoints: [entry], outfile })),
  );
  if (quiet) return;
  for (const [, outfile] of BUNDLES) {
    console.log(`${outfile}  ${((await stat(outfile)).size / 1e6).toFixed(2)} MB`);
  }
}

/** What goes into each bundle and into the page, by esbuild's own account; nothing is written. */
export async function metafiles(): Promise<readonly Metafile[]> {
  const made = BUNDLES.map(([entry, outfile]) =>
    bundle({ ...COMMON, entryPoints: [entry], outfile, metafile: true, write: false }),
  );
  const [page, bundles] = await Promise.all([pageMetafile(), Promise.all(made)]);
  return [...bundles.map(({ metafile }) => metafile), page];
}

if (import.meta.main) await build({ quiet: process.argv.includes('--quiet') });
