import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildComponents } from '../../../scripts/cluster/build.ts';
import { binaryPath, components } from '../../../scripts/cluster/components.ts';
import { vaultComponents, vaultPrograms } from '../../../scripts/vault-build.ts';

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-vault-build-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('the components of Vault', () => {
  it.each(vaultComponents)(
    '$name is built from the version that its go.mod pins',
    async ({ module, goPackage, version }) => {
      const folder = `scripts/cluster/gomod/${module}`;
      const goMod = await readFile(`${folder}/go.mod`, 'utf8');
      const [root = ''] = /^github\.com\/hashicorp\/[^/]+/u.exec(goPackage) ?? [];
      expect(goMod).toContain(`module countersign.dev/tools/${module}\n`);
      expect(goMod).toContain(`require ${root} v${version}\n`);
      expect(await readFile(`${folder}/tools.go`, 'utf8')).toContain(`_ "${goPackage}"\n`);
      expect(await readFile(`${folder}/go.sum`, 'utf8')).toContain(`${root} v${version} h1:`);
    },
  );

  it('have places of their own', () => {
    const places = [...components, ...vaultComponents].map((component) => binaryPath(component, dir));
    expect(new Set(places).size).toBe(places.length);
  });

  it('have the names under which OpenBao offers the same', async () => {
    await put(vaultComponents.map((component) => binaryPath(component, dir)));
    expect(Object.keys((await vaultPrograms(dir)).plugins)).toEqual(['kubernetes', 'rabbitmq']);
  });
});

describe('vaultPrograms', () => {
  it('finds what was built', async () => {
    const built: string[] = [];
    const outcome = await buildComponents({
      dir,
      wanted: vaultComponents,
      signal: new AbortController().signal,
      output: { write: () => undefined },
      toolchainProblem: async () => undefined,
      async compile({ component, folder }) {
        built.push(component.name);
        await writeFile(join(folder, component.name), component.name);
      },
    });
    const { server, plugins } = await vaultPrograms(dir);

    expect(outcome).toEqual({ kind: 'ready' });
    expect(built).toEqual(['vault', 'vault-plugin-auth-kubernetes', 'rabbitmq']);
    for (const path of [server, ...Object.values(plugins)])
      expect(await readFile(path, 'utf8')).toBe(basename(path));
  });

  it('says what is not built, and what builds it', async () => {
    await put(vaultComponents.slice(1).map((component) => binaryPath(component, dir)));
    await expect(vaultPrograms(dir)).rejects.toThrow(
      'not built: vault 1.19.0; npm run test:cluster -- --build-only builds it',
    );
  });
});

async function put(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
  }
}
