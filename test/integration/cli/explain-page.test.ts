import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countersign, withFiles } from '../../support/cli.ts';
import { blocksOf } from '../../support/markdown.ts';

/** What docs/explain.md shows is what happens. */

const blocks = blocksOf(await readFile('docs/explain.md', 'utf8'));
const runs = blocks.flatMap((block, at): readonly (readonly [string, string, string, string])[] => {
  const [first = '', command] = /^\$ countersign (.+)\n/u.exec(block.text) ?? [];
  const before = blocks[at - 1];
  if (command === undefined || before === undefined) return [];
  return [
    [before.text.trimEnd().split('\n').at(-1) ?? '', command, before.text, block.text.slice(first.length)],
  ];
});

/** How long ago something was grows by itself. */
function undated(text: string): string {
  return text.replaceAll(/expired \d+ d ago/gu, 'expired long ago');
}

describe('the page about explain', () => {
  it('has its runs', () => {
    expect(runs).toHaveLength(7);
  });

  it.each(runs)('shows what is printed for %s', async (_, command, refused, wanted) => {
    const { out, err, code } = await withFiles({ 'refused.txt': refused }, (dir) =>
      countersign(command.split(' ').map((word) => (word === 'refused.txt' ? join(dir, word) : word))),
    );

    expect(undated(`${err}${out}`)).toBe(undated(wanted));
    expect(code).toBe(0);
  });
});
