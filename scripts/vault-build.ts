/**
 * HashiCorp Vault, for the tests that hold it and OpenBao to the same contract: built from its Go module into the
 * cache that every clone on the machine shares. The minimal build lacks two methods that the tests use and OpenBao has:
 * these are plugins.
 */
import { missingComponents } from './cluster/build.ts';
import { binariesDir, binaryPath, type Component } from './cluster/components.ts';

const version = '1.19.0';
const server: Component = {
  name: 'vault',
  version,
  module: 'vault',
  goPackage: 'github.com/hashicorp/vault',
  tags: 'minimal',
  linkerFlags: '-s -w',
};
/** By the name under which the server offers it. */
const plugins = {
  kubernetes: {
    name: 'vault-plugin-auth-kubernetes',
    version: '0.21.0',
    module: 'vault',
    goPackage: 'github.com/hashicorp/vault-plugin-auth-kubernetes/cmd/vault-plugin-auth-kubernetes',
    linkerFlags: '-s -w',
  },
  // The only engine of both products that gives renewable leases and is content with a fake on its other side.
  rabbitmq: {
    name: 'rabbitmq',
    version,
    module: 'vault',
    goPackage: 'github.com/hashicorp/vault/builtin/logical/rabbitmq/cmd/rabbitmq',
    linkerFlags: '-s -w',
  },
} as const satisfies Readonly<Record<string, Component>>;

export const vaultComponents: readonly Component[] = [server, ...Object.values(plugins)];

export interface VaultPrograms {
  readonly server: string;
  /** Paths, by the name under which the server is to offer them. */
  readonly plugins: Readonly<Record<string, string>>;
}

/** Where they are; fails, and says what builds them, when they are not. */
export async function vaultPrograms(dir: string = binariesDir()): Promise<VaultPrograms> {
  const missing = await missingComponents(dir, vaultComponents);
  if (missing.length > 0) {
    const names = missing.map((component) => `${component.name} ${component.version}`).join(', ');
    throw new Error(`not built: ${names}; npm run test:cluster -- --build-only builds it`);
  }
  const paths = Object.entries(plugins).map(([name, component]) => [name, binaryPath(component, dir)]);
  return { server: binaryPath(server, dir), plugins: Object.fromEntries(paths) };
}
