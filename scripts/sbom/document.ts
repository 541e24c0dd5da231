/**
 * The SBOM in CycloneDX's JSON: of what npm reads from the lockfile that which is in the bundles, and the image's Node and
 * libraries. Nothing in it is of the machine or the moment; a time is there only when `SOURCE_DATE_EPOCH` gives one.
 */
import { architectures, type DebianPackage, inputs, type NodePackage } from '../image/inputs.ts';
import { type BundledPackage, refOf } from './bundled.ts';

export interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly cpe?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly object[];
}

interface Dependency {
  readonly ref: string;
  readonly dependsOn?: readonly string[];
}

/** Of `npm sbom --sbom-format cyclonedx`. */
export interface NpmDocument {
  readonly specVersion: string;
  readonly metadata: { readonly timestamp?: string; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly Dependency[];
}

export interface Document extends NpmDocument {
  readonly bomFormat: 'CycloneDX';
  readonly version: 1;
}

export function documentOf(
  npm: NpmDocument,
  bundled: readonly BundledPackage[],
  epochSeconds?: number,
): Document {
  const root = npm.metadata.component;
  const known = new Map(npm.components.map((component) => [component['bom-ref'], component]));
  const packages = bundled.map((one) => {
    const component = known.get(refOf(one));
    if (component === undefined) throw new Error(`${refOf(one)} is in a bundle, and npm knows nothing of it`);
    return kept(component, 'library');
  });
  const platform = architectures.flatMap((architecture) => [
    nodeComponent(inputs[architecture].node),
    ...inputs[architecture].debian.map((one) => debianComponent(one, architecture)),
  ]);
  const refs = new Set([root, ...packages].map((component) => component['bom-ref']));
  const within = (dependsOn: readonly string[] = []) => dependsOn.filter((ref) => refs.has(ref)).toSorted();
  const added = platform.map((component) => component['bom-ref']);
  return {
    bomFormat: 'CycloneDX',
    specVersion: npm.specVersion,
    version: 1,
    metadata: {
      ...(epochSeconds === undefined ? {} : { timestamp: new Date(epochSeconds * 1000).toISOString() }),
      component: { ...kept(root, 'application'), name: root.purl.replace(/^pkg:npm\/|@[^@]*$/gu, '') },
    },
    components: [...packages, ...platform],
    dependencies: [
      ...npm.dependencies
        .filter(({ ref }) => refs.has(ref))
        .map(({ ref, dependsOn }) => ({
          ref,
          dependsOn: ref === root['bom-ref'] ? [...within(dependsOn), ...added] : within(dependsOn),
        }))
        .toSorted((one, other) => (one.ref < other.ref ? -1 : 1)),
      ...added.map((ref) => ({ ref, dependsOn: [] })),
    ],
  };
}

/** What does not depend on the release of npm. */
function kept({ name, version, purl, hashes, licenses, ...more }: Component, type: string): Component {
  return {
    'bom-ref': more['bom-ref'],
    type,
    name,
    version,
    purl,
    ...(hashes && { hashes }),
    ...(licenses && { licenses }),
  };
}

function nodeComponent({ name, version, integrity }: NodePackage): Component {
  const purl = `pkg:npm/${name}@${version}`;
  const content = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
  return {
    'bom-ref': purl,
    type: 'platform',
    name,
    version,
    purl,
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    hashes: [{ alg: 'SHA-512', content }],
    licenses: [{ license: { id: 'MIT' } }],
  };
}

function debianComponent({ name, version, sha256, license }: DebianPackage, architecture: string): Component {
  const escaped = [name, version].map((part) => encodeURIComponent(part)).join('@');
  const purl = `pkg:deb/debian/${escaped}?arch=${architecture}&distro=debian-12`;
  return {
    'bom-ref': purl,
    type: 'library',
    name,
    version,
    purl,
    hashes: [{ alg: 'SHA-256', content: sha256 }],
    licenses: [{ expression: license }],
  };
}
