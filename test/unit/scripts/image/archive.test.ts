import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { archiveOf, canonicalReference, type Image } from '../../../../scripts/image/archive.ts';

const layer = [{ kind: 'file', path: 'app/a', content: Buffer.from('a') }] as const;
const image: Image = {
  reference: 'registry.example/team/app:1',
  layers: [layer, [{ kind: 'file', path: 'app/b', content: Buffer.from('b') }]],
  user: '65532:65532',
  entrypoint: ['/app/a'],
};

/** The files of a ustar archive. */
function filesOf(archive: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; archive[at] !== 0; ) {
    const name = archive
      .subarray(at, at + 100)
      .toString()
      .replace(/\0.*$/su, '');
    const size = Number.parseInt(archive.subarray(at + 124, at + 135).toString(), 8);
    files.set(name, archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

function jsonIn(files: ReadonlyMap<string, Buffer>, path: string) {
  return JSON.parse(files.get(path)?.toString() ?? 'null');
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

describe('archiveOf', () => {
  const files = filesOf(Buffer.concat(archiveOf(image)));

  it('is an image layout whose every digest and size is right', () => {
    expect(jsonIn(files, 'oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    const [named] = jsonIn(files, 'index.json').manifests;
    const manifest = jsonIn(files, blobPath(named.digest));
    const all = [named, manifest.config, ...manifest.layers];
    expect(all).toHaveLength(4);
    for (const { digest, size } of all) {
      const blob = files.get(blobPath(digest)) ?? Buffer.alloc(0);
      expect(blob).toHaveLength(size);
      expect(`sha256:${createHash('sha256').update(blob).digest('hex')}`).toBe(digest);
    }
  });

  it('is what docker save makes, of the same blobs', () => {
    const [named] = jsonIn(files, 'index.json').manifests;
    const { config, layers } = jsonIn(files, blobPath(named.digest));
    expect(jsonIn(files, 'manifest.json')).toEqual([
      {
        Config: blobPath(config.digest),
        RepoTags: [image.reference],
        Layers: layers.map(({ digest }: { digest: string }) => blobPath(digest)),
      },
    ]);
  });

  it('names the user, what is run and the layers', () => {
    const [named] = jsonIn(files, 'index.json').manifests;
    const manifest = jsonIn(files, blobPath(named.digest));
    expect(jsonIn(files, blobPath(manifest.config.digest))).toMatchObject({
      os: 'linux',
      config: { User: '65532:65532', Entrypoint: ['/app/a'] },
      rootfs: { diff_ids: manifest.layers.map(({ digest }: { digest: string }) => digest) },
    });
  });

  it('holds a layer once that an image has twice', () => {
    const twice = filesOf(Buffer.concat(archiveOf({ ...image, layers: [layer, layer] })));
    expect([...twice.keys()].filter((name) => /^blobs\/sha256\/\w/u.test(name))).toHaveLength(3);
  });

  it('is the same, byte for byte, whenever it is made', () => {
    expect(Buffer.concat(archiveOf(image))).toEqual(Buffer.concat(archiveOf(image)));
  });
});

describe('canonicalReference', () => {
  it.each([
    ['app', 'docker.io/library/app:latest'],
    ['app:1', 'docker.io/library/app:1'],
    ['team/app:1', 'docker.io/team/app:1'],
    ['registry.example/team/app:1', 'registry.example/team/app:1'],
    ['localhost/app:1', 'localhost/app:1'],
    ['registry:5000/app', 'registry:5000/app:latest'],
  ])('of %s is %s', (reference, canonical) => {
    expect(canonicalReference(reference)).toBe(canonical);
  });
});
