import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { binaryPath } from '../../../../scripts/cluster/components.ts';
import { cniPluginsDir, nodeComponents } from '../../../../scripts/cluster/node-components.ts';

describe('nodeComponents', () => {
  it.each(nodeComponents)(
    '$name is built from the version that its go.mod pins',
    ({ module, goPackage, version }) => {
      const goMod = readFileSync(`scripts/cluster/gomod/${module}/go.mod`, 'utf8');
      const tools = readFileSync(`scripts/cluster/gomod/${module}/tools.go`, 'utf8');
      const root = goPackage.replace(/\/(cmd|plugins\/(ipam|main|meta))\/.*$/u, '');
      expect(goMod).toContain(`require ${root} v${version}\n`);
      expect(goMod).toContain(`module countersign.dev/tools/${module}\n`);
      expect(tools).toContain(`_ "${goPackage}"`);
    },
  );

  it('has the plugins, and nothing else, in the folder of plugins', () => {
    const inFolder = nodeComponents.filter((component) =>
      binaryPath(component, '/bin').startsWith(`${cniPluginsDir('/bin')}/`),
    );
    expect(inFolder.map(({ name }) => name)).toEqual(['bridge', 'loopback', 'host-local', 'portmap']);
  });

  it('has the shim beside containerd, which looks for it there', () => {
    const paths = ['containerd', 'containerd-shim-runc-v2'].map((wanted) => {
      const component = nodeComponents.find(({ name }) => name === wanted);
      return component === undefined ? '' : binaryPath(component, '/bin');
    });
    expect(paths).toEqual([
      '/bin/containerd-2.4.2/containerd',
      '/bin/containerd-2.4.2/containerd-shim-runc-v2',
    ]);
  });
});
