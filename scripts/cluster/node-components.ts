/** What a node consists of beside the control plane's programs, and what this machine needs to build and run it. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { binariesDir, binaryPath, type Component, kubernetes } from './components.ts';
import { goProblem } from './go.ts';

const containerdVersion = '2.4.2';

function containerd(name: string): Component {
  return {
    name,
    version: containerdVersion,
    module: 'containerd',
    goPackage: `github.com/containerd/containerd/v2/cmd/${name}`,
    // The btrfs snapshotter would need that file system's headers.
    tags: 'no_btrfs',
    linkerFlags: `-s -w -X github.com/containerd/containerd/v2/version.Version=${containerdVersion}`,
  };
}

function cniPlugin(name: string, kind: 'ipam' | 'main' | 'meta'): Component {
  return {
    name,
    version: '1.9.1',
    module: 'cni-plugins',
    goPackage: `github.com/containernetworking/plugins/plugins/${kind}/${name}`,
    linkerFlags: '-s -w',
  };
}

const programs = {
  kubelet: kubernetes('kubelet'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  'kube-proxy': kubernetes('kube-proxy'),
  containerd: containerd('containerd'),
  /** containerd looks for it beside itself. */
  'containerd-shim-runc-v2': containerd('containerd-shim-runc-v2'),
  ctr: containerd('ctr'),
  runc: {
    name: 'runc',
    version: '1.5.2',
    module: 'runc',
    goPackage: 'github.com/opencontainers/runc',
    cgo: true,
    tags: 'seccomp',
    linkerFlags: '-s -w',
  },
  bridge: cniPlugin('bridge', 'main'),
  loopback: cniPlugin('loopback', 'main'),
  'host-local': cniPlugin('host-local', 'ipam'),
  portmap: cniPlugin('portmap', 'meta'),
} as const satisfies Readonly<Record<string, Component>>;

export type NodeProgram = keyof typeof programs;

export const nodeComponents: readonly Component[] = Object.values(programs);

export function nodeProgramPath(name: NodeProgram, dir: string = binariesDir()): string {
  return binaryPath(programs[name], dir);
}

/** The folder holds the plugins and nothing else. */
export function cniPluginsDir(dir: string = binariesDir()): string {
  return dirname(nodeProgramPath('bridge', dir));
}

interface DebianPackage {
  readonly name: string;
  readonly isThere: () => Promise<boolean>;
}

const toBuild: readonly DebianPackage[] = [
  { name: 'gcc', isThere: () => onPath('gcc') },
  { name: 'libc6-dev', isThere: () => exists('/usr/include/stdlib.h') },
  { name: 'pkg-config', isThere: () => onPath('pkg-config') },
  { name: 'libseccomp-dev', isThere: () => succeeds('pkg-config', ['--exists', 'libseccomp']) },
];

const toRun: readonly DebianPackage[] = [
  { name: 'iproute2', isThere: () => onPath('ip') },
  { name: 'iptables', isThere: () => onPath('iptables') },
  { name: 'busybox-static', isThere: () => onPath('busybox') },
];

/** What has to be installed before a node's programs can be built; `undefined` when nothing has. */
export async function nodeBuildProblem(): Promise<string | undefined> {
  return (await goProblem()) ?? (await packagesProblem('building', toBuild));
}

/** What has to be installed before a node can run; `undefined` when nothing has. */
export function nodePackagesProblem(): Promise<string | undefined> {
  return packagesProblem('running', toRun);
}

async function packagesProblem(
  doing: string,
  packages: readonly DebianPackage[],
): Promise<string | undefined> {
  const there = await Promise.all(packages.map(({ isThere }) => isThere()));
  const missing = packages.filter((_, index) => there[index] === false).map(({ name }) => name);
  if (missing.length === 0) return undefined;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  return `${doing} the Kubernetes node needs ${missing.join(', ')}: ${command}`;
}

async function onPath(command: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = await Promise.all(folders.map((folder) => exists(join(folder, command), constants.X_OK)));
  return found.includes(true);
}

function exists(path: string, mode: number = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return promisify(execFile)(command, args).then(
    () => true,
    () => false,
  );
}
