import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matches, parsePattern } from '../../../../src/core/vault/pattern.ts';
import { createTrie } from '../../../../src/core/vault/pattern-trie.ts';
import { runs } from '../../../support/runs.ts';
import { anyPattern } from '../../../support/vault-acl.ts';

const anyPath = fc.array(fc.constantFrom('a', 'ab', 'abc', 'b', 'x', '', '+'), {
  minLength: 1,
  maxLength: 5,
});

it('finds the patterns that match a path, however many are few', () => {
  fc.assert(
    fc.property(fc.array(anyPattern, { maxLength: 12 }), anyPath, fc.nat(12), (texts, path, few) => {
      const trie = createTrie<number>(few);
      for (const [at, text] of texts.entries()) trie.add(parsePattern(text), at);
      const matching = texts.flatMap((text, at) => (matches(parsePattern(text), path) ? [at] : []));

      expect(trie.at(path).toSorted((a, b) => a - b)).toEqual(matching);
    }),
    { numRuns: runs(1000) },
  );
});
