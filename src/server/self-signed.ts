import type { webcrypto } from 'node:crypto';
import { loadX509 } from './x509.ts';

/** A CA and a certificate for this machine, in memory and for this process only: for a laptop, not for a cluster. */
export interface SelfSigned {
  readonly cert: string;
  readonly key: string;
  /** PEM: what `curl --cacert` needs. */
  readonly ca: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 3_600_000;

export async function selfSigned(now: Date = new Date()): Promise<SelfSigned> {
  const x509 = await loadX509();
  const { subtle } = globalThis.crypto;
  const [caKeys, keys] = await Promise.all([newKeys(), newKeys()]);
  /** An hour back, for clocks that differ. */
  const period = {
    notBefore: new Date(now.getTime() - DAY_MS / 24),
    notAfter: new Date(now.getTime() + 30 * DAY_MS),
  };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...period,
    name: 'CN=countersign (this process)',
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    ...period,
    subject: 'CN=localhost',
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const pkcs8 = await subtle.exportKey('pkcs8', keys.privateKey);
  return {
    cert: certificate.toString('pem'),
    key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    ca: ca.toString('pem'),
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return globalThis.crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}
