import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** The certificates of the Secret of keys, read without trust in whoever wrote them. */
export interface Authority {
  readonly pem: string;
  readonly notBefore: Date;
  readonly expiresAt: Date;
}

/** A certificate that is served, of one of the authorities. */
export interface Leaf {
  readonly cert: string;
  readonly key: string;
  /** Index in `authorities`. */
  readonly authority: number;
  readonly expiresAt: Date;
  readonly names: readonly string[];
}

interface ServedTexts {
  readonly authorities: readonly Authority[];
  /** `tls.crt` and `tls.key`. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Takes what is wrong, as in `tls.key: is not the key of tls.crt`. */
type Wrong = (message: string) => undefined;

const MOST_AUTHORITIES = 16;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** @param text `ca.crt` */
export function authoritiesOf(text: string | undefined, wrong: Wrong): readonly Authority[] {
  if (text === undefined) return wrong('ca.crt: is missing') ?? [];
  const blocks = text.match(CERTIFICATE) ?? [];
  const read = blocks.slice(0, MOST_AUTHORITIES).map(certificateOf);
  const authorities = read.filter((certificate) => certificate?.ca === true);
  if (read.length === 0 || authorities.length < blocks.length) {
    return wrong('ca.crt: expected CA certificates in PEM') ?? [];
  }
  return authorities.flatMap((certificate) =>
    certificate === undefined
      ? []
      : [
          {
            pem: certificate.toString().trim(),
            notBefore: certificate.validFromDate,
            expiresAt: certificate.validToDate,
          },
        ],
  );
}

/** @param text `ca.key` */
export function signingKeyOf(
  authority: Authority | undefined,
  text: string | undefined,
  wrong: Wrong,
): KeyObject | undefined {
  if (text === undefined) return wrong('ca.key: is missing');
  const key = privateKeyOf(text);
  if (key === undefined) return wrong('ca.key: expected a PEM private key without passphrase');
  const certificate = authority && certificateOf(authority.pem);
  if (certificate === undefined) return undefined;
  return certificate.checkPrivateKey(key)
    ? key
    : wrong('ca.key: is not the key of the first certificate in ca.crt');
}

export function leafOf({ authorities, cert, key }: ServedTexts, wrong: Wrong): Leaf | undefined {
  if (cert === undefined || key === undefined) {
    return wrong(`${cert === undefined ? 'tls.crt' : 'tls.key'}: is missing`);
  }
  const certificate = certificateOf(cert);
  if (certificate === undefined) return wrong('tls.crt: expected a PEM certificate');
  const privateKey = privateKeyOf(key);
  if (privateKey === undefined) return wrong('tls.key: expected a PEM private key without passphrase');
  if (!certificate.checkPrivateKey(privateKey)) return wrong('tls.key: is not the key of tls.crt');
  const authority = authorities.findIndex(({ pem }) => isOf(certificate, pem));
  if (authority < 0) return wrong('tls.crt: is of no CA in ca.crt');
  return { cert, key, authority, expiresAt: certificate.validToDate, names: namesOf(certificate) };
}

function isOf(certificate: X509Certificate, authorityPem: string): boolean {
  const authority = certificateOf(authorityPem);
  return (
    authority !== undefined && certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
  );
}

/** `DNS:a, DNS:b`: of our own making, so without the quotes that stranger names would bring. */
function namesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return subjectAltName.split(', ').flatMap((name) => /^DNS:([\w.-]+)$/.exec(name)?.[1] ?? []);
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
