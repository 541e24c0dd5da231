/** Which programs the cluster tests run, in which releases, from which Go packages, and where they are kept. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export type ComponentName = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl';

export interface Component {
  readonly name: string;
  readonly version: string;
  /** The folder under `gomod/` whose go.mod and go.sum pin everything the program is built from. */
  readonly module: string;
  readonly goPackage: string;
  /** Links with C libraries of the machine. */
  readonly cgo?: boolean;
  /** Go's build constraints, joined by commas. */
  readonly tags?: string;
  readonly linkerFlags: string;
}

const kubernetesVersion = '1.37.2';
const [major, minor] = kubernetesVersion.split('.');
const versionPackage = 'k8s.io/component-base/version';

/** A build outside the release scripts has to say its own version: the API server derives its feature gates from it. */
const kubernetesLinkerFlags = [
  '-s -w',
  `-X ${versionPackage}.gitVersion=v${kubernetesVersion}`,
  `-X ${versionPackage}.gitMajor=${major}`,
  `-X ${versionPackage}.gitMinor=${minor}`,
].join(' ');

export function kubernetes(name: string): Component {
  return {
    name,
    version: kubernetesVersion,
    module: 'kubernetes',
    goPackage: `k8s.io/kubernetes/cmd/${name}`,
    linkerFlags: kubernetesLinkerFlags,
  };
}

export const components: readonly Component[] = [
  {
    name: 'etcd',
    version: '3.7.3',
    module: 'etcd',
    goPackage: 'go.etcd.io/etcd/server/v3',
    linkerFlags: '-s -w',
  },
  kubernetes('kube-apiserver'),
  kubernetes('kube-controller-manager'),
  kubernetes('kubectl'),
];

/** The folder shared by every clone on the machine; a relative XDG_CACHE_HOME is ignored, as its specification says. */
export function binariesDir(env: NodeJS.ProcessEnv = process.env): string {
  const configured = env['XDG_CACHE_HOME'];
  const cache = configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), '.cache');
  return join(cache, 'countersign', 'bin');
}

export function binaryPath(component: Component, dir: string): string {
  return join(dir, `${component.module}-${component.version}`, component.name);
}

export function programPath(name: ComponentName, dir: string = binariesDir()): string {
  const component = components.find((candidate) => candidate.name === name);
  if (component === undefined) throw new Error(`no component is called ${name}`);
  return binaryPath(component, dir);
}
