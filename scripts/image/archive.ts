/**
 * An image in one file, without a registry: an OCI image layout that is a `docker save` archive too, so that containerd,
 * Docker, Podman and skopeo all take it. Layers are not compressed: what makes it smaller makes it depend on a zlib.
 */
import { createHash } from 'node:crypto';
import { type TarEntry, tarOf } from './tar.ts';

export interface Image {
  /** As it is written in a pod: `registry.example/team/name:tag`. */
  readonly reference: string;
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

const created = '1970-01-01T00:00:00Z';
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export function archiveOf(image: Image): readonly Buffer[] {
  const layers = image.layers.map((entries) =>
    blob('application/vnd.oci.image.layer.v1.tar', tarOf(entries)),
  );
  const config = jsonBlob('application/vnd.oci.image.config.v1+json', configOf(image, layers));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = jsonBlob(mediaType, {
    schemaVersion: 2,
    mediaType,
    config: descriptor(config),
    layers: layers.map(descriptor),
  });
  const blobs = [...new Map([...layers, config, manifest].map((one) => [one.digest, one])).values()];
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...descriptor(manifest), annotations: namesOf(image.reference) }],
  };
  const forDocker = [
    { Config: pathOf(config), RepoTags: [image.reference], Layers: layers.map((layer) => pathOf(layer)) },
  ];
  return tarOf([
    { kind: 'file', path: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }) },
    { kind: 'file', path: 'index.json', content: json(index) },
    { kind: 'file', path: 'manifest.json', content: json(forDocker) },
    ...blobs.map(
      (one): TarEntry => ({ kind: 'file', path: pathOf(one), content: Buffer.concat(one.pieces) }),
    ),
  ]);
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
function configOf(image: Image, layers: readonly Blob[]): object {
  return {
    architecture: architectures[process.arch] ?? process.arch,
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
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
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
