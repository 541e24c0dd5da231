/** Helm, which the tests of the chart render and install with, and its plugin that runs the tests in the chart. */
import { binariesDir, binaryPath, type Component } from './components.ts';

const version = '4.3.1';

const helm: Component = {
  name: 'helm',
  version,
  module: 'helm',
  goPackage: 'helm.sh/helm/v4/cmd/helm',
  linkerFlags: `-s -w -X helm.sh/helm/v4/internal/version.version=v${version}`,
};

const helmUnittest: Component = {
  name: 'helm-unittest',
  version: '1.1.2',
  module: 'helm-unittest',
  goPackage: 'github.com/helm-unittest/helm-unittest/cmd/helm-unittest',
  linkerFlags: '-s -w',
};

export const helmComponents: readonly Component[] = [helm, helmUnittest];

export function helmPath(dir: string = binariesDir()): string {
  return binaryPath(helm, dir);
}

export function helmUnittestPath(dir: string = binariesDir()): string {
  return binaryPath(helmUnittest, dir);
}
