/**
 * An image in one file, without a registry: an OCI image layout that is a `docker save` archive too, so that containerd,
 * Docker, Podman and skopeo all take it. Of several architectures it is an index of images, which is what registries hold.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { type Architecture, machineArchitecture } from './inputs.ts';
import { type TarEntry, tarOf } from './tar.ts';

export interface Image {
  /** As it is written in a pod: `registry.example/team/name:tag`. */
  readonly reference: string;
  /** This machine's when absent. */
  readonly architecture?: Architecture;
  /** The lowest first. */
  readonly layers: readonly (readonly TarEntry[])[];
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  readonly env?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

interface Blob {
  readonly mediaType: string;
  readonly pieces: readonly Buffer[];
  readonly digest: string;
  readonly size: number;
}

interface Layer {
  readonly blob: Blob;
  /** Of the archive before it was compressed. */
  readonly diffId: string;
}

interface Built {
  readonly architecture: Architecture;
  readonly config: Blob;
  readonly layers: readonly Layer[];
  readonly manifest: Blob;
}

/**
 * `zstd` makes a third of it, and, unlike a zlib that is tuned for the processor it runs on, the same bytes everywhere.
 */
export type Compression = 'none' | 'zstd';

export interface Archive {
  /** Of the manifest, or of the index of several: by which a registry knows it, whatever it is called. */
  readonly digest: string;
  readonly pieces: readonly Buffer[];
}

const created = '1970-01-01T00:00:00Z';
const ociType = 'application/vnd.oci.image';
const indexType = `${ociType}.index.v1+json`;
/** Makes 38 MB of Node's 123; level 12 takes three times as long for one percent. */
const zstdLevel = 9;

/** Of one image, or of the same for several architectures. `docker load` without containerd takes the first. */
export async function archiveOf(
  images: readonly [Image, ...Image[]],
  compression: Compression = 'none',
): Promise<Archive> {
  const [{ reference }] = images;
  const built = await Promise.all(images.map((image) => builtOf(image, compression)));
  const manifests = built.map(({ manifest, architecture }) => ({
    ...descriptor(manifest),
    platform: { architecture, os: 'linux' },
  }));
  const several = jsonBlob(indexType, { schemaVersion: 2, mediaType: indexType, manifests });
  const [only] = built.length === 1 ? built : [];
  const named = only?.manifest ?? several;
  const index = {
    schemaVersion: 2,
    mediaType: indexType,
    manifests: [{ ...descriptor(named), annotations: namesOf(reference) }],
  };
  const forDocker = built.slice(0, 1).map(({ config, layers }) => ({
    Config: pathOf(config),
    RepoTags: [reference],
    Layers: layers.map((layer) => pathOf(layer.blob)),
  }));
  const all = [
    ...built.flatMap(({ config, layers, manifest }) => [
      ...layers.map((layer) => layer.blob),
      config,
      manifest,
    ]),
    named,
  ];
  const blobs = [...new Map(all.map((one) => [one.digest, one])).values()];
  const pieces = tarOf([
    { kind: 'file', path: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }) },
    { kind: 'file', path: 'index.json', content: json(index) },
    { kind: 'file', path: 'manifest.json', content: json(forDocker) },
    ...blobs.map(
      (one): TarEntry => ({ kind: 'file', path: pathOf(one), content: Buffer.concat(one.pieces) }),
    ),
  ]);
  return { digest: named.digest, pieces };
}

async function builtOf(image: Image, compression: Compression): Promise<Built> {
  const architecture = image.architecture ?? machineArchitecture();
  const layers = await Promise.all(image.layers.map((entries) => layerOf(entries, compression)));
  const config = jsonBlob(`${ociType}.config.v1+json`, configOf(image, architecture, layers));
  const mediaType = `${ociType}.manifest.v1+json`;
  const manifest = jsonBlob(mediaType, {
    schemaVersion: 2,
    mediaType,
    config: descriptor(config),
    layers: layers.map((layer) => descriptor(layer.blob)),
  });
  return { architecture, config, layers, manifest };
}

async function layerOf(entries: readonly TarEntry[], compression: Compression): Promise<Layer> {
  const plain = blob(`${ociType}.layer.v1.tar`, tarOf(entries));
  if (compression === 'none') return { blob: plain, diffId: plain.digest };
  const params = { [constants.ZSTD_c_compressionLevel]: zstdLevel };
  const small = await promisify(zstdCompress)(Buffer.concat(plain.pieces), { params });
  return { blob: blob(`${ociType}.layer.v1.tar+zstd`, [small]), diffId: plain.digest };
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
function configOf(image: Image, architecture: Architecture, layers: readonly Layer[]): object {
  return {
    architecture,
    os: 'linux',
    created,
    config: {
      User: image.user,
      Env: image.env ?? [],
      Entrypoint: image.entrypoint,
      Cmd: image.command ?? [],
      WorkingDir: '/',
      Labels: image.labels ?? {},
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created, created_by: 'scripts/image.ts' })),
  };
}

function namesOf(reference: string): Readonly<Record<string, string>> {
  const name = canonicalReference(reference);
  return {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  };
}

/** As a kubelet asks for it: a name without a registry is one of Docker Hub's. */
export function canonicalReference(reference: string): string {
  if (!/:[^/]+$/u.test(reference)) return canonicalReference(`${reference}:latest`);
  const [first = '', ...rest] = reference.split('/');
  if (rest.length === 0) return `docker.io/library/${reference}`;
  return /[.:]/u.test(first) || first === 'localhost' ? reference : `docker.io/${reference}`;
}

function jsonBlob(mediaType: string, value: object): Blob {
  return blob(mediaType, [json(value)]);
}

function blob(mediaType: string, pieces: readonly Buffer[]): Blob {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  const size = pieces.reduce((total, piece) => total + piece.length, 0);
  return { mediaType, pieces, digest: `sha256:${hash.digest('hex')}`, size };
}

function descriptor({ mediaType, digest, size }: Blob): object {
  return { mediaType, digest, size };
}

function pathOf({ digest }: Blob): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
