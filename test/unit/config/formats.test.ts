import { describe, expect, it } from 'vitest';
import { parseListenAddress } from '../../../src/config/address.ts';
import { FORMATS } from '../../../src/config/formats.ts';

describe.each<[string, readonly string[], readonly string[]]>([
  [
    'dns-label',
    ['a', 'door-1', '1a', 'a'.repeat(63)],
    ['', 'A', '-a', 'a-', 'a.b', 'a_b', 'ä', 'a/b', 'a'.repeat(64), 'a\n'],
  ],
  [
    'vault-address',
    ['https://vault', 'https://vault.example.com:8200', 'https://10.0.0.1:8200', 'http://[::1]:8200'],
    [
      '',
      'vault',
      'vault:8200',
      'ftp://vault',
      'https://',
      'https://vault/',
      'https://vault?a',
      'https://vault#a',
      'https://a@vault',
      'https://va ult',
      'https://vault:99999',
    ],
  ],
  [
    'receiver-url',
    [
      'https://notices.example.com/in?team=a',
      'http://127.0.0.1:8080',
      'http://localhost/in',
      'http://[::1]:80/',
    ],
    [
      '',
      'notices',
      'ftp://127.0.0.1',
      'http://notices.example.com',
      'http://127.0.0.1.example.com',
      'http://localhost.example.com',
      'https://a:b@notices.example.com',
      'https://notices.example.com/#in',
      'https://notices example',
      'https://notices.example.com:99999',
      'https://',
    ],
  ],
  ['vault-namespace', ['team', 'team/app', 'team/'], ['', '/team', 'team//app', 'te am']],
  [
    'mount-path',
    ['kubernetes', 'clusters/one', 'a.b_c-d'],
    ['', '/a', 'a/', 'a//b', '..', 'a/../b', './a', 'a b'],
  ],
  ['host-name', ['vault', 'vault.example.com', '10.0.0.1'], ['', '-a', 'a-', 'a b', 'a/b', 'https://a']],
  [
    'image',
    [
      'countersign',
      'a/b:1',
      'localhost:5000/a',
      `r.example.com/a/b:v1.2_3@sha256:${'0'.repeat(64)}`,
      'a__b/c-d',
    ],
    ['', 'A', 'a:', 'a@sha256:1', 'https://a/b', 'a b', 'a:1:2', '/a', 'a/', 'a//b'],
  ],
  ['image-repository', ['a', 'localhost:5000/a'], ['a:1', `a@sha256:${'0'.repeat(64)}`]],
  [
    'quantity',
    ['1', '0.5', '.5', '10m', '64Mi', '1e3', '1E-3'],
    ['', '-1', '1 Mi', '1mi', '1KB', 'Mi', 'NaN', '1e'],
  ],
  ['pem-certificates', [], ['', 'x', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----']],
  ['file', ['a', './a b', '/a'], ['', ' ', 'a\0b']],
])('the format %s', (name, accepted, refused) => {
  it.each(accepted)('takes %j', (text) => {
    expect(FORMATS[name]?.accepts(text)).toBe(true);
  });

  it.each(refused)('refuses %j', (text) => {
    expect(FORMATS[name]?.accepts(text)).toBe(false);
  });
});

it.each([
  [':8443', { host: undefined, port: 8443 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['localhost:1', { host: 'localhost', port: 1 }],
  ['[::1]:8443', { host: '::1', port: 8443 }],
  ['8443', undefined],
  ['::1:8443', undefined],
  [':65536', undefined],
  [':', undefined],
  ['a b:1', undefined],
  ['[]:1', undefined],
  [':-1', undefined],
])('the address %j is %o', (text, address) => {
  expect(parseListenAddress(text)).toEqual(address);
});
