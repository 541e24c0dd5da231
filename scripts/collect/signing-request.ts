/** A certificate request that nobody will sign. */
import { webcrypto } from 'node:crypto';
import { loadX509 } from '../../src/server/x509.ts';

/** PEM. */
export async function signingRequest(): Promise<string> {
  const x509 = await loadX509();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: ['jane'] }],
    keys,
    signingAlgorithm: algorithm,
  });
  return request.toString('pem');
}
