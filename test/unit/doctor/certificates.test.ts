import { describe, expect, it } from 'vitest';
import { caBundle } from '../../../src/doctor/ca-bundle.ts';
import type { Check } from '../../../src/doctor/check.ts';
import { createAuthority } from '../../../src/server/authority.ts';
import { lines, registered, withoutFix } from '../../support/doctor.ts';

const ours = await createAuthority('ours');
const theirs = await createAuthority('theirs');
const HOST = 'countersign.countersign.svc';
const leaf = await ours.issue({ name: HOST, hosts: [HOST] });
const otherName = await ours.issue({ name: 'other', hosts: ['other.svc'] });

const base64 = (text: string) => Buffer.from(text).toString('base64');
const read = (pem: string) => ({ kind: 'read', data: { 'tls.crt': base64(pem) } }) as const;
type Asked = typeof caBundle extends Check<infer A> ? A : never;

function judged(bundle: string, keys: Asked['keys'], now = new Date()) {
  const registrations = registered(() => ({ clientConfig: { caBundle: bundle } }));
  return caBundle.judge({ registrations, keys }, { now, namespace: 'countersign' });
}

const LATER = new Date(Date.now() + 100 * 365 * 86_400_000);

describe('the certificates', () => {
  it.each<[string, string, Asked['keys'], Date, readonly RegExp[]]>([
    [
      'match',
      base64(ours.certificatePem),
      read(leaf.certificatePem),
      new Date(),
      [
        /^ok caBundle has one CA, for \d+ days$/,
        /^(ok|warn) the certificate that is served (is of that CA, for|expires in) \d+ days/,
      ],
    ],
    [
      'match while two CAs overlap',
      base64(`${theirs.certificatePem}\n${ours.certificatePem}`),
      read(leaf.certificatePem),
      new Date(),
      [/^ok caBundle has 2 CAs/, /the certificate that is served (is of that CA|expires in)/],
    ],
    ['are not there yet', '', { kind: 'absent' }, new Date(), [/^fail caBundle is empty/]],
    [
      'are no certificates',
      base64('hello'),
      { kind: 'absent' },
      new Date(),
      [/^fail caBundle holds no certificates/],
    ],
    [
      'are broken',
      base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
      { kind: 'absent' },
      new Date(),
      [/^fail caBundle holds no certificates/],
    ],
    [
      'have expired',
      base64(ours.certificatePem),
      read(leaf.certificatePem),
      LATER,
      [/^fail caBundle has expired$/, /^fail the certificate that is served has expired$/],
    ],
    [
      'are of another CA',
      base64(theirs.certificatePem),
      read(leaf.certificatePem),
      new Date(),
      [
        /^ok caBundle/,
        /^fail the certificate that is served is of no CA in caBundle: somebody overwrote it$/,
      ],
    ],
    [
      'are for another name',
      base64(ours.certificatePem),
      read(otherName.certificatePem),
      new Date(),
      [/^ok caBundle/, /^fail the certificate that is served is not for countersign\.countersign\.svc$/],
    ],
    [
      'come from elsewhere',
      base64(ours.certificatePem),
      { kind: 'absent' },
      new Date(),
      [/^ok caBundle/, /^ok no certificate of our own making/],
    ],
    [
      'may not be seen',
      base64(ours.certificatePem),
      { kind: 'refused', why: 'may not get secrets named countersign-keys in countersign' },
      new Date(),
      [/^ok caBundle/, /^\?warn not compared with the certificate that is served: may not get secrets/],
    ],
  ])('that %s are told so', (_, bundle, keys, now, expected) => {
    const findings = judged(bundle, keys, now);
    expect(lines(findings)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
    expect(withoutFix(findings)).toEqual([]);
  });

  it('that differ between webhooks are named by them', () => {
    const registrations = registered(({ name }) => ({
      clientConfig: { caBundle: name.startsWith('inject.') ? '' : base64(ours.certificatePem) },
    }));
    const findings = caBundle.judge(
      { registrations, keys: { kind: 'absent' } },
      { now: new Date(), namespace: 'countersign' },
    );
    expect(lines(findings)[0]).toBe(
      'fail caBundle of inject.countersign.dev is empty: no call of the API server can succeed',
    );
  });

  it('are never quoted with a key', () => {
    const findings = judged(base64(ours.certificatePem), {
      kind: 'read',
      data: { 'tls.crt': base64(leaf.certificatePem), 'tls.key': base64(leaf.keyPem) },
    });
    expect(JSON.stringify(findings)).not.toMatch(/PRIVATE|BEGIN/);
  });
});
