import { describe, expect, it } from 'vitest';
import { challengesIn } from '../../../../src/core/explain/challenge.ts';

const read = (text: string) =>
  challengesIn(text).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('challenges of WWW-Authenticate', () => {
  it.each([
    ['one', 'Bearer realm="a", error="b"', [['bearer', { realm: 'a', error: 'b' }]]],
    ['a folded one', 'Bearer error="b",\r\n  scope="c\n  d"', [['bearer', { error: 'b', scope: 'c d' }]]],
    [
      'with tokens',
      'DPoP algs=ES256, error=use_dpop_nonce',
      [['dpop', { algs: 'ES256', error: 'use_dpop_nonce' }]],
    ],
    ['with quoted pairs', String.raw`Bearer realm="a\"b\\c"`, [['bearer', { realm: String.raw`a"b\c` }]]],
    [
      'two',
      'Bearer, DPoP algs="ES256"',
      [
        ['bearer', {}],
        ['dpop', { algs: 'ES256' }],
      ],
    ],
    ['with a name twice', 'Bearer error="a", error="b"', [['bearer', { error: 'a' }]]],
    ['with names in capitals', 'BEARER ERROR="A"', [['bearer', { error: 'A' }]]],
    ['with an open quote', 'Bearer error="a', [['bearer', {}]]],
    ['none', 'Basic realm="a"', []],
  ])('%s', (_, text, wanted) => {
    expect(read(text)).toEqual(wanted);
  });
});
