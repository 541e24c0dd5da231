import { readFile } from 'node:fs/promises';
import { type BuildOptions, build as bundle, type Metafile } from 'esbuild';
import type { PageFiles } from '../src/server/review/app.ts';

const OPTIONS = {
  entryPoints: { page: 'src/page/main.tsx', style: 'src/page/style/page.css' },
  bundle: true,
  write: false,
  metafile: true,
  outdir: '.',
  platform: 'browser',
  format: 'esm',
  target: ['chrome120', 'firefox121', 'safari17'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  tsconfigRaw: '{}',
} as const satisfies BuildOptions;

/** The page of `countersign ui`, as the server sends it: three files, nothing from elsewhere. */
export async function buildPage(): Promise<PageFiles> {
  const [html, built] = await Promise.all([readFile('src/page/index.html', 'utf8'), bundle(OPTIONS)]);
  const file = (ending: string) => built.outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  return { html, script: file('page.js'), style: file('style.css') };
}

/** What goes into it, by esbuild's own account. */
export async function pageMetafile(): Promise<Metafile> {
  return (await bundle(OPTIONS)).metafile;
}
