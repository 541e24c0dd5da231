import { describe, expect, it } from 'vitest';
import { explain } from '../../../../src/core/explain/explain.ts';
import { type DecodedToken, readToken } from '../../../../src/core/explain/token.ts';

/** Of RFC 9068, section 3. */
const RFC9068 = {
  alg: 'RS256',
  kid: 'RjEwOwOA',
  iss: 'https://authorization-server.example.com/',
  sub: '5ba552d67',
  aud: 'https://rs.example.com/',
  exp: 1_639_528_912,
  scope: 'openid profile reademail',
} as const;
const before = RFC9068.exp - 600;

describe('a decoded token', () => {
  it.each([
    ['in time', RFC9068, { nowSeconds: before }, 'TokenInOrder'],
    ['at its end', RFC9068, { nowSeconds: RFC9068.exp }, 'TokenExpired'],
    ['before its beginning', { ...RFC9068, nbf: before + 1 }, { nowSeconds: before }, 'TokenNotYetValid'],
    ['for another audience', RFC9068, { nowSeconds: before, audience: 'vault' }, 'WrongAudience'],
    [
      'for this audience among others',
      { ...RFC9068, aud: ['a', 'vault'] },
      { nowSeconds: before, audience: 'vault' },
      'TokenInOrder',
    ],
    ['of another issuer', RFC9068, { nowSeconds: before, issuer: 'https://other' }, 'WrongIssuer'],
    ['of this issuer', RFC9068, { nowSeconds: before, issuer: RFC9068.iss }, 'TokenInOrder'],
    ['with nothing in it', {}, { nowSeconds: before }, 'TokenInOrder'],
    [
      'with nonsense in it',
      { exp: 'soon', nbf: {}, aud: 7, iss: null },
      { nowSeconds: before },
      'TokenInOrder',
    ],
  ] as const)('%s', (_, token: DecodedToken, question, cause) => {
    expect(readToken(token, question).cause).toBe(cause);
  });

  it('tells what it says, with its times as they are from here', () => {
    expect(readToken({ ...RFC9068, nbf: before - 90 }, { nowSeconds: RFC9068.exp + 3 * 3600 }).lines).toEqual(
      [
        'alg   RS256',
        'kid   RjEwOwOA',
        'iss   https://authorization-server.example.com/',
        'sub   5ba552d67',
        'aud   https://rs.example.com/',
        'scope openid profile reademail',
        'nbf   valid since 3h11m ago (2021-12-15T00:30:22.000Z)',
        'exp   expired 3h ago (2021-12-15T00:41:52.000Z)',
      ],
    );
  });

  it('has its text shown safely, and its times however absurd', () => {
    const { lines } = readToken({ sub: '\u001b[31mred\u202e', exp: 1e300 }, { nowSeconds: 0 });

    expect(lines[0]).toBe('sub   \\u001b[31mred\\u202e');
    expect(lines[1]).toMatch(/^exp {3}expires in /);
  });

  it.each([
    ['a vague refusal', 'Unauthorized\n"reason":"Unauthorized"', 'TokenExpired'],
    ['nothing that is known', 'look at this', 'TokenExpired'],
    ['a refusal that is clear', 'User "a" cannot get path "/x"', 'MissingScope'],
  ])('says why behind %s', (_, text, cause) => {
    const explanation = explain({ text, tokens: [RFC9068], nowSeconds: RFC9068.exp + 1 });

    expect(explanation.cause).toBe(cause);
    expect(explanation.evidence.join('\n')).toContain('exp   expired 1s ago');
  });
});
