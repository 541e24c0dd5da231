import type { Metafile } from 'esbuild';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
}

export interface Lockfile {
  /** By folder: `node_modules/a/node_modules/b`. */
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly name?: string }>>;
}

/** Of which at least a byte is in a bundle, sorted; what tree shaking left out is none. */
export function bundledPackages(
  metafiles: readonly Metafile[],
  lockfile: Lockfile,
): readonly BundledPackage[] {
  const files = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap(({ inputs }) => entriesIn(inputs));
  const folders = new Set(files.map(folderOf).filter((folder) => folder !== undefined));
  const packages = [...folders].map((folder): BundledPackage => {
    const locked = lockfile.packages[folder];
    if (locked?.version === undefined)
      throw new Error(`${folder} is in a bundle, and not in package-lock.json`);
    const name = locked.name ?? folder.slice(folder.lastIndexOf(modules) + modules.length);
    return { name, version: locked.version };
  });
  // The same version may stand in two folders.
  const byRef = new Map(packages.map((one) => [refOf(one), one]));
  return [...byRef.values()].toSorted((one, other) => (refOf(one) < refOf(other) ? -1 : 1));
}

/** As npm refers to a package in an SBOM. */
export function refOf({ name, version }: BundledPackage): string {
  return `${name}@${version}`;
}

const modules = 'node_modules/';

function entriesIn(files: Metafile['outputs'][string]['inputs']): readonly string[] {
  return Object.keys(files).filter((file) => (files[file]?.bytesInOutput ?? 0) > 0);
}

/** The folder of the package that a file belongs to; our own sources belong to none. */
function folderOf(file: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//u.exec(file)?.[1];
}
