import { describe, expect, it } from 'vitest';
import { GO_QUOTED, unquoted } from '../../../../src/core/explain/go-quoted.ts';

describe('text quoted by Go', () => {
  it.each([
    ['""', ''],
    ['"a"', 'a'],
    [String.raw`"CN=\"a\\b\",O=x"`, String.raw`CN="a\b",O=x`],
    [String.raw`"\x00\x1b[31m"`, '\0\u001b[31m'],
    [String.raw`"\u202e\U0001f600"`, '\u202e\u{1f600}'],
    [String.raw`"\Uffffffff"`, '\ufffd'],
    [String.raw`"\n\t\a"`, '\n\t\u0007'],
  ])('%s', (quoted, text) => {
    expect(new RegExp(`^${GO_QUOTED}$`).test(quoted)).toBe(true);
    expect(unquoted(quoted)).toBe(text);
  });
});
