/** Helm, which the tests of the chart render and install with. */
import { binariesDir, binaryPath, type Component } from './components.ts';

const version = '4.3.1';

const helm: Component = {
  name: 'helm',
  version,
  module: 'helm',
  goPackage: 'helm.sh/helm/v4/cmd/helm',
  linkerFlags: `-s -w -X helm.sh/helm/v4/internal/version.version=v${version}`,
};

export const helmComponents: readonly Component[] = [helm];

export function helmPath(dir: string = binariesDir()): string {
  return binaryPath(helm, dir);
}
