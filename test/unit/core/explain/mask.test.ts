import { describe, expect, it } from 'vitest';
import { masked } from '../../../../src/core/explain/mask.ts';

const SECRET = 'abcdefgh12345678ABCDEFGH';

describe('a text to be explained', () => {
  it.each([
    ['a JWT', `x eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.${SECRET} y`, 'x [jwt] y'],
    ['a JWT without its end', `eyJhbGciOiJFUzI1NiJ9.${SECRET}`, '[jwt]'],
    ['a JWT in base64', 'ZXlKaGJHY2lPaUpGVXpJMU5pSjk=', '[jwt]'],
    ['a service token', `token hvs.${SECRET}`, 'token [vault token]'],
    ['a batch token', `hvb.${SECRET}-_x.`, '[vault token].'],
    ['an old token', `s.${SECRET}`, '[vault token]'],
    ['an OpenBao token of a namespace', `s.${SECRET}.aB3d`, '[vault token]'],
    ['a GitHub token', `ghp_${SECRET}`, '[token]'],
    ['a header', `Authorization: Basic ${SECRET}\nHost: a`, 'Authorization: [redacted]\nHost: a'],
    ['a header of Vault', `x-vault-token: ${SECRET}`, 'x-vault-token: [redacted]'],
    ['a header of curl -H', `-H "Authorization: Bearer ${SECRET}"`, '-H "Authorization: [redacted]"'],
    ['a bearer', `Bearer ${SECRET}`, 'Bearer [redacted]'],
    ['an argument', `login role=api jwt=${SECRET} x`, 'login role=api jwt=[redacted] x'],
    ['a field', `{"client_token": "${SECRET}"}`, '{"client_token": "[redacted]"}'],
    ['a field in JSON in JSON', `"{\\"token\\":\\"${SECRET}\\"}"`, '"{\\"token\\":\\"[redacted]"}"'],
    ['a password in a URL', `https://user:${SECRET}@host/`, 'https://[redacted]@host/'],
    [
      'a key',
      `-----BEGIN EC PRIVATE KEY-----\n${SECRET}\n-----END`,
      '-----BEGIN EC PRIVATE KEY-----[redacted]-----END',
    ],
  ])('loses %s', (_, text, wanted) => {
    expect(masked(text)).toBe(wanted);
  });

  it.each([
    'error validating token: invalid audience (aud) claim',
    'WWW-Authenticate: Bearer realm="example", error="invalid_token"',
    'WWW-Authenticate: Bearer resource_metadata="https://resource.example.com/"',
    'invalid bearer token, token audiences ["vault"] is invalid',
    's.shop and class.method',
    'serviceaccounts/token in API group ""',
  ])('keeps %j', (text) => {
    expect(masked(text)).toBe(text);
  });
});
