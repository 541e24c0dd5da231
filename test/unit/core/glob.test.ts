import { describe, expect, it } from 'vitest';
import { globMatches } from '../../../src/core/glob.ts';

describe('a glob of an auth method', () => {
  // Those of github.com/ryanuber/go-glob v1.0.0 (glob_test.go), and where a pattern could eat a character twice.
  it.each([
    ['', ''],
    ['*', ''],
    ['*', 'anything'],
    ['**', 'x'],
    ['test', 'test'],
    ['test*', 'testing'],
    ['*test', 'this is a test'],
    ['*test*', 'this is a test of glob'],
    ['a*b*c', 'a1b2c'],
    ['a*b*c', 'abbc'],
    ['shop-*-api', 'shop--api'],
  ])('%j matches %j', (pattern, text) => {
    expect(globMatches(pattern, text)).toBe(true);
  });

  it.each([
    ['', 'x'],
    ['test', 'tests'],
    ['test*', 'a test'],
    ['*test', 'tests'],
    ['a*a', 'a'],
    ['a*b*c', 'acb'],
    ['ab*bc', 'abc'],
    ['shop-?', 'shop-1'],
    ['[a-z]', 'b'],
  ])('%j does not match %j', (pattern, text) => {
    expect(globMatches(pattern, text)).toBe(false);
  });
});
