import { describe, expect, it } from 'vitest';
import { describeToken } from '../../../src/agent/claims.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.signature`;
}

describe('what a login was made with', () => {
  it.each([
    [
      'a service-account token',
      { sub: 'system:serviceaccount:shop:api', aud: ['vault'], exp: NOW / 1000 + 600 },
      'the token sent: system:serviceaccount:shop:api, audience vault, valid for 600 s',
    ],
    [
      'one for several audiences, too late',
      { sub: 'system:serviceaccount:shop:api', aud: ['a', 'b'], exp: NOW / 1000 - 5 },
      'the token sent: system:serviceaccount:shop:api, audience a, b, expired 5 s ago',
    ],
    ['one without claims', {}, 'the token sent: no subject, no audience, no expiry'],
    [
      'hostile claims',
      { sub: 'a\nb\u001B[31m', aud: 'x'.repeat(1000) },
      `the token sent: a\\u000ab\\u001b[31m, audience ${'x'.repeat(252)}…, no expiry`,
    ],
  ])('%s', (_, claims, said) => {
    expect(describeToken(jwt(claims), NOW)).toBe(said);
  });

  it.each(['', 'x', 'a.b.c', `${'x'.repeat(10)}.${'y'.repeat(10)}.z`])('is not said of %j', (text) => {
    expect(describeToken(text, NOW)).toBeUndefined();
  });
});
