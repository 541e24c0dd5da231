import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Image } from '../../../../scripts/image/archive.ts';
import { architectures, inputs } from '../../../../scripts/image/inputs.ts';
import { productImage } from '../../../../scripts/image/product.ts';

const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

/** The instructions of a Dockerfile's last stage, each with what it is given. */
function lastStage(dockerfile: string): ReadonlyMap<string, readonly string[]> {
  const lines = dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const start = lines.findLastIndex((line) => line.startsWith('FROM '));
  const instructions = new Map<string, string[]>();
  for (const line of lines.slice(start)) {
    const [name = '', ...rest] = line.split(' ');
    instructions.set(name, [...(instructions.get(name) ?? []), rest.join(' ')]);
  }
  return instructions;
}

/** `--chmod=0644 A B /dir/` or `--chmod=0755 A /path`, as paths with modes. */
function copied(argument: string): readonly string[] {
  const words = argument.split(' ').filter((word) => !word.startsWith('--'));
  const mode = /--chmod=0(\d+)/u.exec(argument)?.[1] ?? '';
  const target = words.at(-1) ?? '';
  if (!target.endsWith('/')) return [`${target} ${mode}`];
  return words.slice(0, -1).map((from) => `${target}${from.slice(from.lastIndexOf('/') + 1)} ${mode}`);
}

describe('the Dockerfile', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const stage = lastStage(dockerfile);
  let image: Image;
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'countersign-product-'));
    await mkdir(join(dir, 'dist'));
    for (const bundle of ['countersign.cjs', 'agent.cjs']) await writeFile(join(dir, 'dist', bundle), '');
    image = await productImage('countersign:1', join(dir, 'dist'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('runs the same, as the same user, in the same environment, under the same labels', () => {
    expect(JSON.parse(stage.get('ENTRYPOINT')?.[0] ?? '[]')).toEqual(image.entrypoint);
    expect(stage.get('USER')).toEqual([image.user]);
    expect(stage.get('ENV')).toEqual(image.env);
    expect(stage.get('WORKDIR')).toEqual(['/']);
    const labels = stage.get('LABEL')?.[0]?.matchAll(/(\S+)="([^"]*)"/gu) ?? [];
    expect(Object.fromEntries([...labels].map(([, name, value]) => [name, value]))).toEqual(image.labels);
  });

  it('puts the same files over its base', () => {
    const files = image.layers.flat().flatMap((entry) => (entry.kind === 'file' ? [entry] : []));
    const ours = files.filter(({ path }) => /^(app|nodejs)\//u.test(path));
    expect(new Set((stage.get('COPY') ?? []).flatMap(copied))).toEqual(
      new Set(ours.map(({ path, mode }) => `/${path} ${(mode ?? 0).toString(8)}`)),
    );
  });

  it('is for several architectures: built on the builder’s, with each one’s Node', () => {
    const from = dockerfile.split('\n').filter((line) => line.startsWith('FROM '));
    expect(from).toEqual([
      'FROM --platform=$BUILDPLATFORM ${NODE} AS build',
      'FROM ${NODE} AS node',
      'FROM ${BASE}',
    ]);
  });

  it('has the project’s own Node', () => {
    expect(dockerfile).toContain(`ARG NODE=node:${devDependencies.node}-bookworm-slim\n`);
  });
});

describe.each(architectures)('the inputs for %s', (architecture) => {
  const { node, debian } = inputs[architecture];

  it('have the project’s own Node', () => {
    expect(node.version).toBe(devDependencies.node);
  });

  it('have the same releases of Debian’s packages as the others', () => {
    const releases = (of: typeof debian) => of.map(({ name, version }) => `${name} ${version}`);
    expect(releases(debian)).toEqual(releases(inputs.amd64.debian));
  });
});
