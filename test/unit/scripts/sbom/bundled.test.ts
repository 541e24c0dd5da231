import type { Metafile } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { bundledPackages } from '../../../../scripts/sbom/bundled.ts';

const lockfile = {
  packages: {
    'node_modules/a': { version: '1.0.0' },
    'node_modules/@s/b': { version: '2.0.0' },
    'node_modules/@s/b/node_modules/a': { version: '3.0.0' },
    'node_modules/c/node_modules/a': { version: '1.0.0' },
    'node_modules/alias': { version: '4.0.0', name: 'real' },
  },
};

function bundleOf(bytes: Readonly<Record<string, number>>): Metafile {
  const entries = Object.entries(bytes).map(([file, bytesInOutput]) => [file, { bytesInOutput }] as const);
  return {
    inputs: {},
    outputs: { out: { bytes: 0, inputs: Object.fromEntries(entries), imports: [], exports: [] } },
  };
}

describe('bundledPackages', () => {
  it.each([
    ['a file of a package', { 'node_modules/a/lib/x.js': 9 }, ['a@1.0.0']],
    ['a scope', { 'node_modules/@s/b/x.js': 9 }, ['@s/b@2.0.0']],
    ['a package in a package', { 'node_modules/@s/b/node_modules/a/x.js': 9 }, ['a@3.0.0']],
    [
      'the same version in two folders',
      { 'node_modules/a/x': 1, 'node_modules/c/node_modules/a/x': 1 },
      ['a@1.0.0'],
    ],
    ['another name', { 'node_modules/alias/x.js': 9 }, ['real@4.0.0']],
    ['our own files', { 'src/main.ts': 9 }, []],
    ['what tree shaking left out', { 'node_modules/a/x.js': 0 }, []],
  ])('finds of %s %j: %j', (_, bytes, found) => {
    const packages = bundledPackages([bundleOf(bytes)], lockfile);
    expect(packages.map(({ name, version }) => `${name}@${version}`)).toEqual(found);
  });

  it('fails for a package that is not locked', () => {
    expect(() => bundledPackages([bundleOf({ 'node_modules/z/x.js': 1 })], lockfile)).toThrow(
      'node_modules/z',
    );
  });
});
