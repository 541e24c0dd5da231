/**
 * The image of the webhook and of the agent: npm's Node, the shared libraries that it needs, the two bundles. No shell,
 * no package manager, nothing that is written to; the layout is that of the Dockerfile.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Image } from './archive.ts';
import type { TarEntry } from './tar.ts';

/** By convention of distroless images. */
const userId = 65_532;
export const user = `${userId}:${userId}`;
const executable = 0o755;

/**
 * Small steps between collections of young objects: worlds that are read as fast as lists come would else leave tens of
 * megabytes behind that nobody needs again.
 */
export const serverNodeFlags = ['--max-semi-space-size=1'] as const;

/** `dist` has been built. */
export async function productImage(reference: string): Promise<Image> {
  const nodeBinary = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin/node');
  const [libraries, node, server, agent] = await Promise.all([
    librariesOf(nodeBinary),
    fileEntry('nodejs/bin/node', nodeBinary, executable),
    fileEntry('app/countersign.cjs', 'dist/countersign.cjs'),
    fileEntry('app/agent.cjs', 'dist/agent.cjs'),
  ]);
  return {
    reference,
    // Node and its libraries change seldom: a layer that a machine has already.
    layers: [
      [...system, ...libraries, node],
      [server, agent],
    ],
    user,
    entrypoint: ['/nodejs/bin/node', ...serverNodeFlags, '/app/countersign.cjs'],
    env: ['NODE_ENV=production'],
    labels: {
      'org.opencontainers.image.title': 'countersign',
      'org.opencontainers.image.licenses': 'Apache-2.0',
    },
  };
}

/** What the C library looks up: users, and where host names come from. */
export const system: readonly TarEntry[] = [
  textEntry('etc/passwd', `root:x:0:0:root:/:/\nnonroot:x:${user}:nonroot:/:/\n`),
  textEntry('etc/group', `root:x:0:\nnonroot:x:${userId}:\n`),
  textEntry('etc/nsswitch.conf', 'hosts: files dns\n'),
  { kind: 'directory', path: 'tmp', mode: 0o1777 },
];

/** At the paths where the machine's own loader, which is one of them, looks for them. */
async function librariesOf(binary: string): Promise<readonly TarEntry[]> {
  const { stdout } = await promisify(execFile)('ldd', [binary]);
  const paths = libraryPaths(stdout);
  return Promise.all(paths.map((path) => fileEntry(path.slice(1), path, executable)));
}

/** The files that ldd(1) names; the kernel's own library is none. Fails when one was not found. */
export function libraryPaths(output: string): readonly string[] {
  const missing = /^\s*(\S+) => not found/mu.exec(output)?.[1];
  if (missing !== undefined) throw new Error(`${missing}, which Node needs, is not on this machine`);
  return [...output.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gmu)].map((match) => match[1] ?? '');
}

async function fileEntry(path: string, from: string, mode = 0o644): Promise<TarEntry> {
  return { kind: 'file', path, content: await readFile(from), mode };
}

function textEntry(path: string, text: string): TarEntry {
  return { kind: 'file', path, content: Buffer.from(text) };
}
