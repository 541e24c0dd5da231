import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '../../src/server/authority.ts';

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

export async function createCa(name = 'test CA'): Promise<TestCa> {
  const authority = await createAuthority(name);
  return {
    pem: authority.certificatePem,
    async issue({ commonName = 'localhost', dns = [], uris = [], ips = ['127.0.0.1'], notAfter } = {}) {
      const subject = { name: commonName, hosts: [...dns, ...ips], uris, ...(notAfter && { notAfter }) };
      const { certificatePem: cert, keyPem: key } = await authority.issue(subject);
      return { cert, key };
    },
  };
}

/** A folder that is gone when the test is over: `using folder = temporaryFolder()`. */
export function temporaryFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'countersign-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
