import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadFolder } from '../../../src/facts/folder/folder.ts';
import { countersign } from '../../support/cli.ts';
import { type Block, blocksOf } from '../../support/markdown.ts';

/** What docs/policy.md shows is what happens. */

const blocks = blocksOf(await readFile('docs/policy.md', 'utf8'));
const manifests = blocks.filter(({ language }) => language === 'yaml');
const runs = blocks.flatMap((block, at): readonly (readonly [string, Block, string])[] => {
  const [, command] = /^\$ countersign (.+)\n/u.exec(block.text) ?? [];
  const before = blocks[at - 1];
  if (command === undefined || before === undefined) return [];
  return [[command, before, block.text.slice(block.text.indexOf('\n') + 1)]];
});

async function* streamOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe('the page about policies', () => {
  it('has manifests and runs', () => {
    expect(manifests.length).toBeGreaterThan(3);
    expect(runs).toHaveLength(3);
  });

  it.each(manifests.map(({ info, text }) => [/name: .*/u.exec(text)?.[0] ?? '', info, text] as const))(
    'shows a manifest with %s that can be read, unless it says that it is %s',
    async (_, info, text) => {
      const { problems, counts } = await loadFolder(streamOf(text));

      expect(counts.objects).toBeGreaterThan(0);
      expect(problems.length > 0).toBe(info === 'invalid');
    },
  );

  it.each(runs)('prints what it shows for countersign %s', async (command, { text }, wanted) => {
    const dir = await mkdtemp(join(tmpdir(), 'countersign-page-'));
    try {
      const args = await Promise.all(
        command.split(' ').map(async (word) => {
          if (!/^[a-z]+\.yaml$/u.test(word)) return word;
          await writeFile(join(dir, word), text);
          return join(dir, word);
        }),
      );
      const { out, err } = await countersign(args);

      expect(`${err}${out}`.replaceAll(`${dir}/`, '')).toBe(wanted);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

it.each(['observe', 'declared-only', 'enforce'])(
  'the policy %s can be read, and is the one of its label',
  async (name) => {
    const { world, problems } = await loadFolder(`manifests/policies/${name}.yaml`);

    expect(problems).toEqual([]);
    expect(world.policies().map((policy) => policy.name)).toEqual([name]);
  },
);
