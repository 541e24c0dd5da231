import type { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadX509 } from '../../src/server/x509.ts';

/** Certificates for tests, made on the spot. */
export interface TestCa {
  readonly pem: string;
  issue(options?: LeafOptions): Promise<TestPair>;
}

export interface LeafOptions {
  readonly commonName?: string;
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  readonly ips?: readonly string[];
  readonly notAfter?: Date;
}

export interface TestPair {
  readonly cert: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR_MS = 3_600_000;

export async function createCa(name = 'test CA'): Promise<TestCa> {
  const x509 = await loadX509();
  const caKeys = await newKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - 48 * HOUR_MS),
    notAfter: new Date(Date.now() + HOUR_MS),
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  return {
    pem: authority.toString('pem'),
    async issue({
      commonName = 'localhost',
      dns = [],
      uris = [],
      ips = ['127.0.0.1'],
      notAfter,
    }: LeafOptions = {}) {
      const keys = await newKeys();
      const leaf = await x509.X509CertificateGenerator.create({
        subject: `CN=${commonName}`,
        issuer: authority.subject,
        publicKey: keys.publicKey,
        signingKey: caKeys.privateKey,
        signingAlgorithm: ALGORITHM,
        notBefore: new Date(Date.now() - 24 * HOUR_MS),
        notAfter: notAfter ?? new Date(Date.now() + HOUR_MS),
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            ...dns.map((value) => ({ type: 'dns' as const, value })),
            ...uris.map((value) => ({ type: 'url' as const, value })),
            ...ips.map((value) => ({ type: 'ip' as const, value })),
          ]),
        ],
      });
      const pkcs8 = await globalThis.crypto.subtle.exportKey('pkcs8', keys.privateKey);
      return { cert: leaf.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
    },
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return globalThis.crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** A folder that is gone when the test is over: `using folder = temporaryFolder()`. */
export function temporaryFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'countersign-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
