import { describe, expect, it } from 'vitest';
import { RECOGNISERS } from '../../../../src/core/explain/recognise.ts';
import {
  loweredAscii,
  MAX_TEXT,
  MAX_WINDOW,
  MAX_WINDOWS,
  windowsOf,
} from '../../../../src/core/explain/windows.ts';
import { explained, MESSAGES } from '../../../support/explain.ts';

const patterns = RECOGNISERS.map(({ name, pattern }) => [name, pattern] as const);

/** Without what is escaped and without classes: what is left of `*`, `+` and `{n,}` are quantifiers. */
function bare(source: string): string {
  return source.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'c');
}

describe('the time of an explanation is bounded', () => {
  it.each(patterns)('%s repeats nothing without an end, and keeps no state', (_, pattern) => {
    expect(bare(pattern.source)).not.toMatch(/[*+]|\{\d+,\}/);
    expect(pattern.flags).not.toMatch(/[gy]/);
  });

  it('finds an endless repetition where there is one', () => {
    for (const source of ['a+', 'a*', '(?:[^"]|\\.){2,}']) expect(bare(source)).toMatch(/[*+]|\{\d+,\}/);
  });

  it.each(RECOGNISERS.flatMap(({ name, literals }) => literals.map((literal) => [name, literal] as const)))(
    '%s looks at a few short windows of 256 KiB of %j',
    (_, literal) => {
      const text = literal.repeat(Math.ceil(MAX_TEXT / literal.length)).slice(0, MAX_TEXT);
      const windows = windowsOf({ text, lowered: loweredAscii(text) }, literal);

      expect(literal).toBe(loweredAscii(literal));
      expect(windows).toHaveLength(MAX_WINDOWS);
      for (const window of windows) expect(window.length).toBeLessThanOrEqual(MAX_WINDOW + literal.length);
    },
  );

  it.each([
    ...MESSAGES.slice(0, 8).map(({ text }) => text.slice(0, 24)),
    'User "',
    'User "\\',
    'Bearer ',
    '{"',
    'eyJ',
    '://',
    '-----BEGIN ',
    'missing  ',
    '\\',
  ])('256 KiB of %j end', (piece) => {
    const text = `${piece.repeat(Math.ceil(MAX_TEXT / piece.length))} cannot ' denied the request`;

    expect(explained(text).evidence.join('').length).toBeLessThan(5000);
  });

  it('lowers letters one by one, so that places stay the same', () => {
    expect(loweredAscii('İSTANBUL ẞ K')).toBe('İstanbul ẞ k');
    expect(loweredAscii('İ'.repeat(5)).length).toBe(5);
  });
});

describe('each recogniser', () => {
  it('has a name of its own', () => {
    const names = RECOGNISERS.map(({ name, pattern }) => `${name} ${pattern.source}`);

    expect(new Set(names).size).toBe(names.length);
  });
});
