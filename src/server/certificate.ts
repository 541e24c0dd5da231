import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { CountersignError } from '../core/errors.ts';

/** A certificate with its key, read from files that somebody else replaces while we run. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** CAs whose client certificates are accepted. */
  readonly clientCAFile?: string | undefined;
}

export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly expiresAt: Date;
}

/** Texts of the files, in the order in which they are named. */
export type CertificateTexts = readonly string[];

const MOST_READS = 5;

/**
 * A Secret mount is swapped as a whole between two reads, and other writers replace one file after the other: only what
 * reads the same twice is a pair.
 *
 * @throws CountersignError `ERR_TLS` naming the file
 */
export async function readTexts({
  certFile,
  keyFile,
  clientCAFile,
}: CertificateFiles): Promise<CertificateTexts> {
  const files = [certFile, keyFile, ...(clientCAFile === undefined ? [] : [clientCAFile])];
  let texts = await readAll(files);
  for (let reads = 1; reads < MOST_READS; reads += 1) {
    const again = await readAll(files);
    if (sameTexts(texts, again)) return again;
    texts = again;
  }
  return texts;
}

export function sameTexts(one: CertificateTexts, other: CertificateTexts): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}

/** @throws CountersignError `ERR_TLS` saying which file is wrong in what way; it never quotes one */
export function pairOf(
  files: CertificateFiles,
  [cert = '', key = '', ca]: CertificateTexts,
): CertificatePair {
  const certificate = understood(
    () => new X509Certificate(cert),
    files.certFile,
    'expected a PEM certificate',
  );
  const privateKey = understood(
    () => createPrivateKey(key),
    files.keyFile,
    'expected a PEM private key without passphrase',
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new CountersignError(
      'ERR_TLS',
      `${files.keyFile}: is not the key of the certificate in ${files.certFile}`,
    );
  }
  if (ca !== undefined) {
    understood(
      () => new X509Certificate(ca),
      files.clientCAFile ?? '',
      'expected PEM certificates of client CAs',
    );
  }
  const pair = { cert, key, ...(ca !== undefined && { ca }) };
  understood(() => createSecureContext(pair), files.certFile, 'TLS cannot use this certificate and its key');
  return { ...pair, expiresAt: certificate.validToDate };
}

async function readAll(files: readonly string[]): Promise<CertificateTexts> {
  return Promise.all(
    files.map((file) =>
      readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
        throw new CountersignError('ERR_TLS', `${file}: cannot be read (${cause.code ?? cause.name})`, {
          cause,
        });
      }),
    ),
  );
}

function understood<Result>(make: () => Result, file: string, expected: string): Result {
  try {
    return make();
  } catch (cause) {
    throw new CountersignError('ERR_TLS', `${file}: ${expected}`, { cause });
  }
}
