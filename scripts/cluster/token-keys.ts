/** The pair that signs a test cluster's service-account tokens: RSA, as nearly every cluster's. */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

export interface KeyPairPem {
  readonly publicPem: string;
  readonly privatePem: string;
}

export async function createTokenKeys(): Promise<KeyPairPem> {
  const keys = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicPem: keys.publicKey, privatePem: keys.privateKey };
}
