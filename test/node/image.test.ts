/** The image as it is released, for every architecture, as a real containerd takes it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeProgramPath } from '../../scripts/cluster/node-components.ts';
import type { Image } from '../../scripts/image/archive.ts';
import { readElf } from '../../scripts/image/elf.ts';
import { machineArchitecture } from '../../scripts/image/inputs.ts';
import { releasedImages } from '../../scripts/image/product.ts';
import { type Written, writeImages } from '../../scripts/image.ts';
import { sharedNode } from '../support/node.ts';

const reference = 'registry.example/countersign:released';
const node = sharedNode();

let dir = '';
let images: readonly [Image, ...Image[]];
let written: Written;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-released-'));
  images = await releasedImages(reference);
  const file = join(dir, 'image.tar');
  written = await writeImages(images, file, 'zstd');
  await ctr('images', 'import', '--all-platforms', '--digests', file);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function ctr(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(nodeProgramPath('ctr'), ['--namespace=k8s.io', ...args]);
  return stdout;
}

describe('the released image', () => {
  it('is in containerd one image for both architectures, by the digest that was printed', async () => {
    const line =
      (await ctr('images', 'list')).split('\n').find((one) => one.startsWith(`${reference} `)) ?? '';
    expect(line).toContain(written.digest);
    expect(line).toContain('linux/amd64,linux/arm64');
  });

  it('has of each architecture nothing of the other', () => {
    for (const { architecture, layers } of images) {
      const programs = layers
        .flat()
        .filter(({ path, mode }: { path: string; mode?: number }) => mode === 0o755 && path !== 'tmp');
      const found = programs.map((entry) =>
        entry.kind === 'file' ? readElf(entry.content).architecture : entry.kind,
      );
      expect(found.length).toBeGreaterThan(6);
      expect(new Set(found)).toEqual(new Set([architecture]));
    }
  });

  it('differs between them only in Node and its libraries', () => {
    const [first, ...others] = images.map(({ layers, user, entrypoint, env, labels }) => ({
      own: layers.slice(1),
      config: { user, entrypoint, env, labels },
    }));
    for (const other of others) expect(other).toEqual(first);
  });

  it('has the very Node of this project, for this machine', async () => {
    const here = images.find(({ architecture }) => architecture === machineArchitecture());
    const entry = here?.layers.flat().find(({ path }) => path === 'nodejs/bin/node');
    expect(entry?.kind === 'file' && entry.content.equals(await readFile('node_modules/node/bin/node'))).toBe(
      true,
    );
  });

  it('runs in a pod, by its own entrypoint', async () => {
    const namespace = await node.newRestrictedNamespace();
    const container = { image: reference, imagePullPolicy: 'Never', command: null, args: ['--version'] };
    const pod = await node.runPod({ namespace, name: 'released', script: '', container });
    await pod.until('Succeeded');
    expect(await pod.logs()).toBe(`${JSON.parse(await readFile('package.json', 'utf8')).version}\n`);
  });
});
