import { afterEach, describe, expect, it, vi } from 'vitest';
import { endpointProblems, originOf } from '../../../src/vault/endpoint.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('originOf', () => {
  it.each([
    ['https://vault', { secure: true, host: 'vault', port: 443, text: 'https://vault' }],
    ['https://vault:8200', { secure: true, host: 'vault', port: 8200, text: 'https://vault:8200' }],
    [
      'http://127.0.0.1:8200',
      { secure: false, host: '127.0.0.1', port: 8200, text: 'http://127.0.0.1:8200' },
    ],
    ['https://[::1]:8200', { secure: true, host: '::1', port: 8200, text: 'https://[::1]:8200' }],
    [
      'https://VAULT.example:443',
      { secure: true, host: 'vault.example', port: 443, text: 'https://vault.example' },
    ],
  ])('reads %s', (address, origin) => {
    expect(originOf({ address })).toEqual(origin);
  });

  it('names every problem at once', () => {
    const endpoint = { address: 'vault:8200', namespace: 'a b', ca: 'x', tlsServerName: 'a\nb' };
    expect(() => originOf(endpoint)).toThrow(/address: .*; namespace: .*; ca: .*; tlsServerName: /);
  });

  it('refuses to start where certificate verification is switched off for the process', () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    expect(() => originOf({ address: 'https://vault' })).toThrow('NODE_TLS_REJECT_UNAUTHORIZED=0 is set');
  });
});

describe('endpointProblems', () => {
  it.each([
    'ftp://vault',
    'vault:8200',
    'https://',
    'https://vault/',
    'https://vault/v1',
    'https://vault?x',
    'https://vault#x',
    'https://user:pw@vault',
    'https://vault:99999',
    'https://vault\\@evil',
    'https://va ult',
    '',
  ])('refuses the address %j', (address) => {
    expect(endpointProblems({ address })).toEqual([
      { field: 'address', message: 'expected https://host[:port] with nothing behind it' },
    ]);
  });

  it('refuses a certificate that can not be read', () => {
    const ca = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(endpointProblems({ address: 'https://vault', ca })).toEqual([
      { field: 'ca', message: 'expected certificates in PEM' },
    ]);
  });
});
