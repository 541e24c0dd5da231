import { describe, expect, it } from 'vitest';
import { tiersOf } from '../../../../scripts/cluster/tiers.ts';

describe('tiersOf', () => {
  it.each([
    ['nothing', [], ['cluster', 'node']],
    ['options only', ['-t', 'a node', '--reporter=dot'], ['cluster', 'node']],
    ['a file of one', ['test/cluster/smoke.test.ts'], ['cluster']],
    ['the folder of one', ['test/node'], ['node']],
    ['an absolute path', ['/srv/project/test/node/node.test.ts'], ['node']],
    ['files of both', ['test/node/a.test.ts', 'test/cluster/a.test.ts'], ['cluster', 'node']],
    ['a project', ['--project=node'], ['node']],
    ['a project and a file of it', ['--project=node', 'test/node/a.test.ts'], ['node']],
    ['a file of neither', ['test/nodes.test.ts'], ['cluster', 'node']],
  ])('for %s', (_, args, tiers) => {
    expect(tiersOf(args)).toEqual(tiers);
  });
});
