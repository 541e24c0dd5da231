/**
 * The image of the webhook and of the agent: npm's Node, the shared libraries that it needs, the two bundles. No shell,
 * no package manager, nothing that is written to; the layout is that of the Dockerfile.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Image } from './archive.ts';
import { type Fetched, fetchInputs } from './fetch.ts';
import { type Architecture, architectures, machineArchitecture } from './inputs.ts';
import { librariesOf } from './libraries.ts';
import type { TarEntry } from './tar.ts';

type FileEntry = TarEntry & { readonly kind: 'file' };

interface Sources extends Fetched {
  readonly dist: string;
}

/** By convention of distroless images. */
const userId = 65_532;
export const user = `${userId}:${userId}`;
const executable = 0o755;

/**
 * Room for young objects, in MiB. With much more, worlds that are read as fast as lists come leave megabytes behind that
 * nobody needs again; with less, what belongs to a call outlives two collections and is kept among what is old.
 */
export const serverNodeFlags = ['--max-semi-space-size=4'] as const;

/** With this machine's libraries, for this machine, of the bundles in `dist`. */
export function productImage(reference: string, dist = 'dist'): Promise<Image> {
  const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin/node');
  return imageOf(reference, machineArchitecture(), { node, root: '/', dist });
}

/** The one that is released, for every architecture, of nothing that is this machine's but the bundles in `dist`. */
export async function releasedImages(reference: string): Promise<readonly [Image, ...Image[]]> {
  const [first, ...rest] = architectures;
  const made = (architecture: Architecture) =>
    fetchInputs(architecture).then((fetched) =>
      imageOf(reference, architecture, { ...fetched, dist: 'dist' }),
    );
  return Promise.all([made(first), ...rest.map(made)]);
}

async function imageOf(reference: string, architecture: Architecture, from: Sources): Promise<Image> {
  const node = await fileEntry('nodejs/bin/node', from.node, executable);
  const [libraries, server, agent] = await Promise.all([
    librariesOf(node.content, from.root),
    fileEntry('app/countersign.cjs', join(from.dist, 'countersign.cjs')),
    fileEntry('app/agent.cjs', join(from.dist, 'agent.cjs')),
  ]);
  return {
    reference,
    architecture,
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

async function fileEntry(path: string, from: string, mode = 0o644): Promise<FileEntry> {
  return { kind: 'file', path, content: await readFile(from), mode };
}

function textEntry(path: string, text: string): TarEntry {
  return { kind: 'file', path, content: Buffer.from(text) };
}
