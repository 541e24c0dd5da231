import { describe, expect, it } from 'vitest';
import { turnedAway } from '../../../../src/server/review/door.ts';
import { createPageKeys } from '../../../../src/server/review/keys.ts';

const keys = createPageKeys();
const TOKEN = keys.redeem(keys.link) ?? '';
const PORT = 8900;
const HOST = `127.0.0.1:${PORT}`;
const OWN = `http://${HOST}`;
const AUTHORIZED = { host: HOST, authorization: `Bearer ${TOKEN}` };

type Headers = Readonly<Record<string, string>>;

function answerTo(method: string, headers: Headers, takesToken = true): string {
  return turnedAway({ method, headers, takesToken }, { port: PORT, keys })?.code ?? 'let in';
}

describe('the door of the page', () => {
  it.each<[string, string, Headers, string]>([
    ['a read with the token', 'GET', AUTHORIZED, 'let in'],
    ['one by the other name of this machine', 'GET', { ...AUTHORIZED, host: `localhost:${PORT}` }, 'let in'],
    ['a write with the token from the page itself', 'POST', { ...AUTHORIZED, origin: OWN }, 'let in'],
    [
      'one that a browser calls same-origin',
      'POST',
      { ...AUTHORIZED, origin: OWN, 'sec-fetch-site': 'same-origin' },
      'let in',
    ],
    ['no token', 'GET', { host: HOST }, 'ERR_TOKEN'],
    ['a wrong token', 'GET', { host: HOST, authorization: `Bearer ${'x'.repeat(43)}` }, 'ERR_TOKEN'],
    [
      'a token that is a part',
      'GET',
      { host: HOST, authorization: `Bearer ${TOKEN.slice(0, 42)}` },
      'ERR_TOKEN',
    ],
    [
      'the link instead of the token',
      'GET',
      { host: HOST, authorization: `Bearer ${keys.link}` },
      'ERR_TOKEN',
    ],
    ['the token in another scheme', 'GET', { host: HOST, authorization: `Basic ${TOKEN}` }, 'ERR_TOKEN'],
    ['an endless token', 'GET', { host: HOST, authorization: `Bearer ${'x'.repeat(9000)}` }, 'ERR_TOKEN'],
    ['a token in a cookie', 'GET', { host: HOST, cookie: `token=${TOKEN}` }, 'ERR_TOKEN'],
    ['no Host', 'GET', { authorization: `Bearer ${TOKEN}` }, 'ERR_HOST'],
    [
      'a name that was rebound to this machine',
      'GET',
      { ...AUTHORIZED, host: `evil.example:${PORT}` },
      'ERR_HOST',
    ],
    [
      'a name that ends like ours',
      'GET',
      { ...AUTHORIZED, host: `127.0.0.1.evil.example:${PORT}` },
      'ERR_HOST',
    ],
    ['another port', 'GET', { ...AUTHORIZED, host: '127.0.0.1:80' }, 'ERR_HOST'],
    ['no port', 'GET', { ...AUTHORIZED, host: '127.0.0.1' }, 'ERR_HOST'],
    ['every address', 'GET', { ...AUTHORIZED, host: `0.0.0.0:${PORT}` }, 'ERR_HOST'],
    ['a write from another origin', 'POST', { ...AUTHORIZED, origin: 'https://evil.example' }, 'ERR_ORIGIN'],
    ['a read from another origin', 'GET', { ...AUTHORIZED, origin: 'https://evil.example' }, 'ERR_ORIGIN'],
    ['a write from another port', 'POST', { ...AUTHORIZED, origin: 'http://127.0.0.1:1' }, 'ERR_ORIGIN'],
    ['a write from a sandboxed frame', 'POST', { ...AUTHORIZED, origin: 'null' }, 'ERR_ORIGIN'],
    ['a write without an Origin', 'POST', AUTHORIZED, 'ERR_ORIGIN'],
    [
      'what a browser calls same-site',
      'GET',
      { ...AUTHORIZED, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
      'ERR_ORIGIN',
    ],
    [
      'what a browser calls cross-site',
      'GET',
      { ...AUTHORIZED, 'sec-fetch-site': 'cross-site' },
      'ERR_ORIGIN',
    ],
    [
      'a navigation to the API',
      'GET',
      { ...AUTHORIZED, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
      'ERR_ORIGIN',
    ],
  ])('answers %s', (_, method, headers, expected) => {
    expect(answerTo(method, headers)).toBe(expected);
  });

  it.each<[string, string, Headers, string]>([
    [
      'a link that somebody follows',
      'GET',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      'let in',
    ],
    [
      'an address that somebody types',
      'GET',
      { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
      'let in',
    ],
    [
      'a script of another page',
      'GET',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      'ERR_ORIGIN',
    ],
    [
      'a form of another page',
      'POST',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      'ERR_ORIGIN',
    ],
  ])('answers %s, for what takes no token', (_, method, headers, expected) => {
    expect(answerTo(method, { host: HOST, ...headers }, false)).toBe(expected);
  });
});

describe('the link', () => {
  it('is good once, and no other is', () => {
    const { link, redeem, isToken } = createPageKeys();

    expect(redeem(`${link}x`)).toBeUndefined();
    const token = redeem(link) ?? '';
    expect([isToken(token), isToken(link), redeem(link)]).toEqual([true, false, undefined]);
  });

  it('and the token have 32 random bytes each', () => {
    const [one, other] = [createPageKeys(), createPageKeys()];
    const secrets = [one, other].flatMap(({ link, redeem }) => [link, redeem(link) ?? '']);

    expect(new Set(secrets).size).toBe(4);
    expect(secrets.map((secret) => Buffer.from(secret, 'base64url').length)).toEqual([32, 32, 32, 32]);
  });
});
