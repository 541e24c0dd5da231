import { describe, expect, it } from 'vitest';
import { encodePath, pathProblem } from '../../../src/vault/path.ts';

describe('encodePath', () => {
  it.each([
    ['secret/data/db', 'secret/data/db'],
    ['secret/data/a&b', 'secret/data/a%26b'],
    ['secret/data/{{x}}', 'secret/data/%7B%7Bx%7D%7D'],
    ['secret/data/a?b#c%2F', 'secret/data/a%3Fb%23c%252F'],
    ['secret/data/&#x2F;', 'secret/data/%26%23x2F%3B'],
    ['secret/data/ü 字', 'secret/data/%C3%BC%20%E5%AD%97'],
    ["secret/data/it's", "secret/data/it's"],
    ['secret/data/...', 'secret/data/...'],
  ])('writes %j as %j', (path, encoded) => {
    expect(encodePath(path)).toBe(encoded);
  });

  it('refuses a path that Vault could read in another way', () => {
    expect(() => encodePath('secret/../sys/seal')).toThrow(
      'vault path secret/../sys/seal: expected a Vault path without . and .. segments',
    );
  });
});

describe('pathProblem', () => {
  it.each([
    ['', /empty segments/],
    ['/secret/x', /empty segments/],
    ['secret/x/', /empty segments/],
    ['secret//x', /empty segments/],
    ['secret/./x', /\. and \.\. segments/],
    ['..', /\. and \.\. segments/],
    ['secret/a\r\nX-Vault-Token: t', /control characters/],
    ['secret/\u0000', /control characters/],
    ['secret/\ud800', /control characters/],
    ['a'.repeat(1025), /at most 1024/],
  ])('refuses %j', (path, expected) => {
    expect(pathProblem(path)).toMatch(expected);
  });
});
