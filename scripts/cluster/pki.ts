/** The throw-away certificates of a test cluster: one authority, and the identities it issues. */
import { generateKeyPair, KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { loadX509 } from '../../src/server/x509.ts';

type X509 = Awaited<ReturnType<typeof loadX509>>;

interface Subject {
  readonly name: string;
  /** Kubernetes reads it as a group. */
  readonly organization?: string;
  /** The names and addresses that a server is reached by; a client has none. */
  readonly hosts?: readonly string[];
}

export interface Identity {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface Authority {
  readonly certificatePem: string;
  issue(subject: Subject): Promise<Identity>;
}

export interface KeyPairPem {
  readonly publicPem: string;
  readonly privatePem: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const backdateMilliseconds = 5 * 60_000;
const lifetimeMilliseconds = 7 * 24 * 3_600_000;

export async function createAuthority(name: string): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });

  async function issue(subject: Subject): Promise<Identity> {
    const own = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity(),
      subject: [
        { CN: [subject.name] },
        ...(subject.organization === undefined ? [] : [{ O: [subject.organization] }]),
      ],
      issuer: root.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: leafExtensions(x509, subject.hosts ?? []),
    });
    return { certificatePem: certificate.toString('pem'), keyPem: privatePem(own.privateKey) };
  }

  return { certificatePem: root.toString('pem'), issue };
}

/** The pair that signs service-account tokens: RSA, as nearly every cluster's. */
export async function createTokenKeys(): Promise<KeyPairPem> {
  const keys = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicPem: keys.publicKey, privatePem: keys.privateKey };
}

function leafExtensions(x509: X509, hosts: readonly string[]) {
  const usage = new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true);
  if (hosts.length === 0)
    return [usage, new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])];
  const names = hosts.map((value) => ({
    type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
    value,
  }));
  return [
    usage,
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names),
  ];
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function privatePem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

function validity() {
  const now = Date.now();
  return {
    notBefore: new Date(now - backdateMilliseconds),
    notAfter: new Date(now + lifetimeMilliseconds),
  };
}
