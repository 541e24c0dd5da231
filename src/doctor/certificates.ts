import { X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a text in PEM; `undefined`: one of them is none. */
export function certificatesIn(pem: string): readonly X509Certificate[] | undefined {
  try {
    return (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

export function daysLeft(certificate: X509Certificate, now: Date): number {
  return Math.floor((certificate.validToDate.getTime() - now.getTime()) / 86_400_000);
}

export function isSignedBy(leaf: X509Certificate, authority: X509Certificate): boolean {
  try {
    return leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
  } catch {
    return false;
  }
}
