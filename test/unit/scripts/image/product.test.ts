import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { libraryPaths, serverNodeFlags } from '../../../../scripts/image/product.ts';

const ldd = `
	linux-vdso.so.1 (0x00007f4a86256000)
	libdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f4a86240000)
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f4a85d3c000)
	/lib64/ld-linux-x86-64.so.2 (0x00007f4a86258000)
`;

describe('the shared libraries', () => {
  it('are those of ldd with a file, the loader among them', () => {
    expect(libraryPaths(ldd)).toEqual([
      '/lib/x86_64-linux-gnu/libdl.so.2',
      '/lib/x86_64-linux-gnu/libc.so.6',
      '/lib64/ld-linux-x86-64.so.2',
    ]);
  });

  it('are all there, or there is no image', () => {
    expect(() => libraryPaths('\tlibstdc++.so.6 => not found\n')).toThrow('libstdc++.so.6');
  });
});

describe('the Dockerfile', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

  it('has the layout of the image that is made without it', () => {
    const entrypoint = ['/nodejs/bin/node', ...serverNodeFlags, '/app/countersign.cjs'];

    expect(dockerfile).toContain(`ENTRYPOINT ${JSON.stringify(entrypoint).replaceAll(',', ', ')}`);
    expect(dockerfile).toContain('/src/dist/countersign.cjs /src/dist/agent.cjs /app/');
    expect(dockerfile).toContain('USER 65532:65532');
  });

  it('builds with the project’s own Node', () => {
    expect(dockerfile).toContain(`FROM node:${devDependencies.node}-`);
  });
});
