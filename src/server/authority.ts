import { KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { loadX509 } from './x509.ts';

/** A certificate authority in memory: for this process on a laptop, and for whatever is started beside it. */
export interface Authority {
  /** PEM. */
  readonly certificatePem: string;
  issue(subject: Subject): Promise<Identity>;
}

export interface Subject {
  readonly name: string;
  /** Kubernetes reads it as a group. */
  readonly organization?: string;
  /** The names and addresses that a server is reached by; a client has none. */
  readonly hosts?: readonly string[];
  /** URI names. */
  readonly uris?: readonly string[];
  readonly notAfter?: Date;
}

export interface Identity {
  readonly certificatePem: string;
  readonly keyPem: string;
}

type X509 = Awaited<ReturnType<typeof loadX509>>;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR_MS = 3_600_000;
/** For clocks that differ, and certificates that are to be over already. */
const BACKDATE_MS = 48 * HOUR_MS;
const LIFETIME_MS = 30 * 24 * HOUR_MS;

export async function createAuthority(name: string): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...period(undefined),
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    certificatePem: root.toString('pem'),
    async issue(subject) {
      const own = await newKeys();
      const certificate = await x509.X509CertificateGenerator.create({
        ...period(subject.notAfter),
        subject: nameOf(subject),
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: leafExtensions(x509, subject),
      });
      return { certificatePem: certificate.toString('pem'), keyPem: privatePem(own.privateKey) };
    },
  };
}

function nameOf({ name, organization }: Subject): { CN?: string[]; O?: string[] }[] {
  return [{ CN: [name] }, ...(organization === undefined ? [] : [{ O: [organization] }])];
}

function leafExtensions(x509: X509, { hosts = [], uris = [] }: Subject) {
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const names = [
    ...hosts.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
    ...uris.map((value) => ({ type: 'url' as const, value })),
  ];
  return [
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
  ];
}

function period(notAfter: Date | undefined) {
  const now = Date.now();
  return { notBefore: new Date(now - BACKDATE_MS), notAfter: notAfter ?? new Date(now + LIFETIME_MS) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function privatePem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}
