import { createHash } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
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

async function archived(...images: readonly [Image, ...Image[]]) {
  const { digest, pieces } = await archiveOf(images);
  return { digest, files: filesOf(Buffer.concat(pieces)) };
}

function blobIn(files: ReadonlyMap<string, Buffer>, digest: string): Buffer {
  return files.get(blobPath(digest)) ?? Buffer.alloc(0);
}

function sha256(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

describe('archiveOf', async () => {
  const { digest: digestOfImage, files } = await archived(image);

  it('is an image layout whose every digest and size is right', () => {
    expect(jsonIn(files, 'oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    const [named] = jsonIn(files, 'index.json').manifests;
    expect(named.digest).toBe(digestOfImage);
    const manifest = jsonIn(files, blobPath(named.digest));
    const all = [named, manifest.config, ...manifest.layers];
    expect(all).toHaveLength(4);
    for (const { digest, size } of all) {
      const blob = blobIn(files, digest);
      expect(blob).toHaveLength(size);
      expect(sha256(blob)).toBe(digest);
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

  it('holds a layer once that an image has twice', async () => {
    const twice = await archived({ ...image, layers: [layer, layer] });
    expect([...twice.files.keys()].filter((name) => /^blobs\/sha256\/\w/u.test(name))).toHaveLength(3);
  });

  it('is the same, byte for byte, whenever it is made, and of the same digest whatever it is called', async () => {
    expect(await archived(image)).toEqual({ digest: digestOfImage, files });
    expect((await archived({ ...image, reference: 'other:2' })).digest).toBe(digestOfImage);
  });
});

describe('archiveOf several architectures', async () => {
  const arm64: Image = { ...image, architecture: 'arm64', layers: [layer] };
  const { digest, files } = await archived({ ...image, architecture: 'amd64' }, arm64);

  it('is one image, an index with a manifest for each', () => {
    const { manifests } = jsonIn(files, 'index.json');
    expect(manifests).toMatchObject([
      {
        digest,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        annotations: { 'io.containerd.image.name': image.reference },
      },
    ]);
    const index = jsonIn(files, blobPath(digest));
    const platforms = index.manifests.map(({ platform }: { platform: object }) => platform);
    expect(platforms).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ]);
    for (const { digest: one, platform } of index.manifests) {
      const { config } = jsonIn(files, blobPath(one));
      expect(jsonIn(files, blobPath(config.digest))).toMatchObject(platform);
      expect(sha256(blobIn(files, one))).toBe(one);
    }
  });

  it('is for docker load, which takes one, the first', () => {
    const [one, ...more] = jsonIn(files, 'manifest.json');
    expect(more).toEqual([]);
    expect(jsonIn(files, one.Config)).toMatchObject({ architecture: 'amd64' });
  });
});

describe('archiveOf with zstd', async () => {
  const { pieces, digest } = await archiveOf([image], 'zstd');
  const files = filesOf(Buffer.concat(pieces));

  it('has layers that are known by what they were before', async () => {
    const plain = await archived(image);
    const { config, layers } = jsonIn(files, blobPath(digest));
    const { diff_ids } = jsonIn(files, blobPath(config.digest)).rootfs;
    expect(diff_ids).toEqual(
      jsonIn(plain.files, blobPath(plain.digest)).layers.map((one: { digest: string }) => one.digest),
    );
    for (const [at, { digest: one, mediaType }] of layers.entries()) {
      expect(mediaType).toBe('application/vnd.oci.image.layer.v1.tar+zstd');
      expect(sha256(zstdDecompressSync(blobIn(files, one)))).toBe(diff_ids[at]);
    }
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
