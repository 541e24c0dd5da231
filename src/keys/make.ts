import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { loadX509 } from '../server/x509.ts';
import type { Entry, Keys } from './contents.ts';
import { AUTHORITY_DAYS, LEAF_DAYS, type Step, staying } from './due.ts';

/** New values of entries of the Secret; `null`: the entry goes. */
export type Change = Readonly<Partial<Record<Entry, Buffer | null>>>;

export interface Making {
  readonly now: Date;
  /** Of the served certificate. */
  readonly names: readonly string[];
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
/** For clocks that differ. */
const BACKDATE_MS = 3_600_000;
const SEGMENT_BYTES = 16;
const KEY_BYTES = 32;

export async function takeStep(step: Step, keys: Keys, making: Making): Promise<Change> {
  const { path, injection } = keys;
  switch (step) {
    case 'MakeAuthority':
      return makeAuthority(keys, making);
    case 'DropAuthorities':
      return { 'ca.crt': bundleOf(staying(keys, making.now)) };
    case 'IssueLeaf':
      return issueLeaf(keys, making);
    case 'MakePath':
      return {
        path: Buffer.from(randomBytes(SEGMENT_BYTES).toString('hex')),
        ...(path.current !== undefined && { 'path-previous': Buffer.from(path.current) }),
      };
    case 'DropPath':
      return { 'path-previous': null };
    case 'MakeInjection':
      return { 'injection.key': randomBytes(KEY_BYTES) };
    case 'NextInjection':
      return { 'injection-next.key': randomBytes(KEY_BYTES) };
    case 'UseInjection':
      return {
        'injection.key': exported(injection.next),
        'injection-previous.key': exported(injection.current),
        'injection-next.key': null,
      };
  }
}

async function makeAuthority({ authorities }: Keys, { now }: Making): Promise<Change> {
  const x509 = await loadX509();
  const pair = await newPair();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...lifetime(now, AUTHORITY_DAYS),
    // Its own name: a verifier finds the issuer by it.
    name: [{ CN: [`countersign ${randomBytes(8).toString('hex')}`] }],
    keys: pair,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    'ca.crt': bundleOf([{ pem: root.toString('pem').trim() }, ...authorities]),
    'ca.key': privatePem(pair.privateKey),
  };
}

async function issueLeaf({ authorities, signingKey }: Keys, { now, names }: Making): Promise<Change> {
  const [authority] = authorities;
  if (authority === undefined || signingKey === undefined) return {};
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.pem);
  const pair = await newPair();
  const certificate = await x509.X509CertificateGenerator.create({
    ...lifetime(now, LEAF_DAYS),
    subject: [{ CN: [names[0] ?? 'countersign'] }],
    issuer: issuer.subject,
    publicKey: pair.publicKey,
    signingKey: signingKey.toCryptoKey(ALGORITHM, false, ['sign']),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
    ],
  });
  return { 'tls.crt': Buffer.from(certificate.toString('pem')), 'tls.key': privatePem(pair.privateKey) };
}

/** Of the registrations too: one CA after the other. */
export function bundleOf(authorities: readonly { readonly pem: string }[]): Buffer {
  return Buffer.from(authorities.map(({ pem }) => `${pem}\n`).join(''));
}

function lifetime(now: Date, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + days * DAY_MS),
  };
}

function newPair(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function privatePem(key: webcrypto.CryptoKey): Buffer {
  return Buffer.from(KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }));
}

function exported(key: KeyObject | undefined): Buffer | null {
  return key === undefined ? null : key.export();
}
