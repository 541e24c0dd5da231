/** The checker of the forge's workflow files. */
import { binariesDir, binaryPath, type Component } from './components.ts';

const version = '1.7.12';

export const actionlint: Component = {
  name: 'actionlint',
  version,
  module: 'actionlint',
  goPackage: 'github.com/rhysd/actionlint/cmd/actionlint',
  linkerFlags: `-s -w -X github.com/rhysd/actionlint.version=${version}`,
};

export function actionlintPath(dir: string = binariesDir()): string {
  return binaryPath(actionlint, dir);
}
