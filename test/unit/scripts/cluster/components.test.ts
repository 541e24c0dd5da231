import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { binariesDir, binaryPath, components } from '../../../../scripts/cluster/components.ts';
import { helmComponents } from '../../../../scripts/cluster/helm.ts';

describe('binariesDir', () => {
  it.each([
    ['the user’s cache by default', {}, join(homedir(), '.cache/countersign/bin')],
    ['XDG_CACHE_HOME when it is set', { XDG_CACHE_HOME: '/var/cache' }, '/var/cache/countersign/bin'],
    [
      'the user’s cache when it is relative',
      { XDG_CACHE_HOME: 'c' },
      join(homedir(), '.cache/countersign/bin'),
    ],
    ['the user’s cache when it is empty', { XDG_CACHE_HOME: '' }, join(homedir(), '.cache/countersign/bin')],
  ])('is %s', (_, env, expected) => {
    expect(binariesDir(env)).toBe(expected);
  });
});

const all = [...components, ...helmComponents];

describe('components', () => {
  it.each(all)('$name is built from the version that its go.mod pins', ({ module, goPackage, version }) => {
    const goMod = readFileSync(`scripts/cluster/gomod/${module}/go.mod`, 'utf8');
    const root = goPackage.replace(/\/cmd\/.*$/u, '');
    expect(goMod).toContain(`require ${root} v${version}\n`);
    expect(goMod).toContain(`module countersign.dev/tools/${module}\n`);
  });

  it.each(all)('$name has a place of its own, by release', (component) => {
    const path = binaryPath(component, '/bin');
    expect(path).toBe(`/bin/${component.module}-${component.version}/${component.name}`);
  });
});
