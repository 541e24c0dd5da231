import { describe, expect, it } from 'vitest';
import { shown } from '../../../src/core/text.ts';

describe('text that is shown', () => {
  it.each([
    ['plain text', 'get pods in shop', 'get pods in shop'],
    ['letters of any language', 'größe 名前', 'größe 名前'],
    ['an escape sequence', '\u001b[31mred', String.raw`\u001b[31mred`],
    ['a line break', 'a\nb', String.raw`a\u000ab`],
    ['a right-to-left override', 'a\u202eb', String.raw`a\u202eb`],
    ['a zero-width space', 'a\u200bb', String.raw`a\u200bb`],
    ['a no-break space', 'a\u00a0b', String.raw`a\u00a0b`],
    ['a lone surrogate', 'a\ud800b', String.raw`a\ud800b`],
    ['a private character beyond the first plane', '\u{100000}', String.raw`\udbc0\udc00`],
  ])('says %s so that nothing obeys it', (_, text, want) => {
    expect(shown(text)).toBe(want);
  });

  it.each([
    ['shorter than the limit', 'abcd', 5, 'abcd'],
    ['as long as the limit', 'abcde', 5, 'abcde'],
    ['longer', 'abcdef', 5, 'abcd…'],
    ['made longer by what it must not hold', 'ab\nde', 5, String.raw`ab\u…`],
  ])('keeps a text whole that fits, and cuts one that does not: %s', (_, text, max, want) => {
    expect(shown(text, max)).toBe(want);
  });

  it('shows as much as the longest name of an object by itself', () => {
    expect(shown('a'.repeat(253))).toBe('a'.repeat(253));
    expect(shown('a'.repeat(254))).toBe(`${'a'.repeat(252)}…`);
  });
});
