import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { PARTS, readContents } from '../../../src/keys/contents.ts';
import { selfSigned } from '../../../src/server/self-signed.ts';
import { decoded, filled, NAMES, type SecretData } from '../../support/keys.ts';

let good: SecretData;
let other: SecretData;
let stranger: Awaited<ReturnType<typeof selfSigned>>;
beforeAll(async () => {
  [good, other, stranger] = [await filled(), await filled(), await selfSigned()];
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const problemsOf = (data: unknown) => readContents(data).problems.map(({ message }) => message);

describe('the Secret of keys', () => {
  it('has what the leader fills in', () => {
    const { keys, problems } = readContents(good);

    expect(problems).toEqual([]);
    expect(keys.authorities).toHaveLength(1);
    expect(keys.leaf).toMatchObject({ authority: 0, names: NAMES });
    expect(keys.path.current).toMatch(/^[0-9a-f]{32}$/u);
    expect(keys.injection.current?.symmetricKeySize).toBe(32);
  });

  it('is as new when it is empty, with every missing entry named', () => {
    const missing = ['ca.crt', 'ca.key', 'tls.crt', 'injection.key', 'path'].map(
      (entry) => `${entry}: is missing`,
    );

    for (const empty of [undefined, null, {}, [], '', { 'ca.crt': '', path: 7 }]) {
      expect(problemsOf(empty)).toEqual(missing);
    }
  });

  it.each<[string, () => Record<string, string | undefined>, readonly string[]]>([
    [
      'no CA',
      () => ({ 'ca.crt': base64('x') }),
      ['ca.crt: expected CA certificates in PEM', 'tls.crt: is of no CA in ca.crt'],
    ],
    [
      'a CA that is none',
      () => ({ 'ca.crt': good['tls.crt'] }),
      ['ca.crt: expected CA certificates in PEM', 'tls.crt: is of no CA in ca.crt'],
    ],
    [
      'a CA with rubbish in the bundle',
      () => ({
        'ca.crt': base64(
          `${decoded(good, 'ca.crt')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`,
        ),
      }),
      ['ca.crt: expected CA certificates in PEM', 'tls.crt: is of no CA in ca.crt'],
    ],
    [
      'the CA of somebody else',
      () => ({ 'ca.crt': other['ca.crt'] }),
      ['ca.key: is not the key of the first certificate in ca.crt', 'tls.crt: is of no CA in ca.crt'],
    ],
    [
      'another key of the CA',
      () => ({ 'ca.key': other['ca.key'] }),
      ['ca.key: is not the key of the first certificate in ca.crt'],
    ],
    [
      'a key of the CA that is none',
      () => ({ 'ca.key': base64('x') }),
      ['ca.key: expected a PEM private key without passphrase'],
    ],
    ['no key', () => ({ 'tls.key': undefined }), ['tls.key: is missing']],
    [
      'a certificate that is none',
      () => ({ 'tls.crt': base64('x') }),
      ['tls.crt: expected a PEM certificate'],
    ],
    [
      'a key that is none',
      () => ({ 'tls.key': base64('x') }),
      ['tls.key: expected a PEM private key without passphrase'],
    ],
    ['another key', () => ({ 'tls.key': other['tls.key'] }), ['tls.key: is not the key of tls.crt']],
    [
      'a certificate of another CA',
      () => ({ 'tls.crt': base64(stranger.cert), 'tls.key': base64(stranger.key) }),
      ['tls.crt: is of no CA in ca.crt'],
    ],
    [
      'a short key of injection',
      () => ({ 'injection.key': base64('short') }),
      ['injection.key: expected at least 32 bytes'],
    ],
    [
      'a short key before it',
      () => ({ 'injection-previous.key': base64('short') }),
      ['injection-previous.key: expected at least 32 bytes'],
    ],
    [
      'a segment with a slash',
      () => ({ path: base64('a/b') }),
      ['path: expected a-z, 0-9 and - between them'],
    ],
    [
      'a segment with a line end',
      () => ({ path: base64('ab\n') }),
      ['path: expected a-z, 0-9 and - between them'],
    ],
    [
      'a bad segment before it',
      () => ({ 'path-previous': base64('..') }),
      ['path-previous: expected a-z, 0-9 and - between them'],
    ],
  ])('with %s says so', (_, change, problems) => {
    expect(problemsOf({ ...good, ...change() })).toEqual(problems);
  });

  it('takes both CAs of a bundle, and knows of which one the certificate is', () => {
    const bundle = base64(decoded(other, 'ca.crt') + decoded(good, 'ca.crt'));
    const { keys, problems } = readContents({ ...good, 'ca.crt': bundle, 'ca.key': other['ca.key'] });

    expect(problems).toEqual([]);
    expect([keys.authorities.length, keys.leaf?.authority]).toEqual([2, 1]);
  });

  it('is read whatever is in it, and no value is told', () => {
    const entries = Object.values(PARTS).flat();
    const value = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.anything(),
      fc.constantFrom(...Object.values(good)),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom<string>(...entries, '__proto__'), value), (data) => {
        const { problems } = readContents(data);
        expect(problems.every(({ message }) => message.length < 80)).toBe(true);
      }),
    );
  });
});
