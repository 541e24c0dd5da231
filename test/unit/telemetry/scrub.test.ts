import { describe, expect, it } from 'vitest';
import { createScrubber } from '../../../src/telemetry/scrub.ts';

const JWT = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.${'A'.repeat(43)}`;
const LEGACY = `s.${'aB3'.repeat(8)}`;

describe('what looks like a token is written nowhere', () => {
  it.each([
    ['a JWT', JWT],
    ['a JWT in base64', Buffer.from(JWT).toString('base64')],
    ['a Vault service token', `hvs.${'C'.repeat(90)}`],
    ['a Vault batch token', `hvb.${'C'.repeat(90)}`],
    ['a Vault recovery token', `hvr.${'C'.repeat(90)}`],
    ['an OpenBao token', LEGACY],
    ['an OpenBao token of a namespace', `${LEGACY}.x1Yz9`],
  ])('%s', (_name, token) => {
    const { scrub } = createScrubber();
    for (const line of [token, `"${token}"`, `token=${token},`, JSON.stringify(`a\n${token}\tb`)]) {
      expect(scrub(line)).toContain('[redacted]');
      expect(scrub(line)).not.toContain(token.slice(6, 24));
    }
  });

  it.each([
    'get,list endpointslices.discovery.k8s.io in shop',
    'system:serviceaccount:shop:api',
    'd-7f3k2m4q',
    '705ab4f5-6393-11e8-b7cc-42010a800002',
    'pods.metrics.k8s.io',
    'databases.postgresql.example.com',
  ])('%s is none', (text) => {
    expect(createScrubber().scrub(text)).toBe(text);
  });
});

describe('a registered secret', () => {
  const secret = 'pa"ss\nword-§1';

  it.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify({ a: secret })],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['inside a longer base64 text', Buffer.from(`x${secret}yz`).toString('base64')],
    ['at the third place of a base64 group', Buffer.from(`xx${secret}`).toString('base64url')],
  ])('is not written %s', (_how, text) => {
    const scrubber = createScrubber();
    scrubber.protect(secret);
    expect(scrubber.scrub(text)).toContain('[redacted]');
  });

  it('is one until it is released', () => {
    const scrubber = createScrubber();
    scrubber.protect('correct horse');
    scrubber.release('correct horse');
    expect(scrubber.scrub('correct horse')).toBe('correct horse');
  });

  it('is ignored when it is so short that it would match anything', () => {
    const scrubber = createScrubber();
    scrubber.protect('api');
    scrubber.protect('');
    expect(scrubber.scrub('shop/api')).toBe('shop/api');
  });
});
