import { X509Certificate } from 'node:crypto';
import type { Format, Formats } from '../api/validate.ts';
import { parseListenAddress } from './address.ts';

const HOST = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const PATH = /^[\w.-]+(?:\/[\w.-]+)*$/;
/** `/` is only for what stands behind a registry, and only that may have a port. */
const REPOSITORY =
  '(?:[a-zA-Z0-9.-]+(?::[0-9]{1,5})?/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*';
const QUANTITY = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$/;
/** Its address is looked at as a whole as well: it has to be a URL. */
const ORIGIN = /^https?:\/\/[^\s/?#@\\]+$/;
const NOT_BLANK = '\\S';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What the `format`s of the configuration's schema mean. */
export const FORMATS: Formats = {
  'listen-address': {
    expected: ':PORT, HOST:PORT or [IPV6]:PORT',
    pattern: ':[0-9]{1,5}$',
    accepts: (text) => parseListenAddress(text) !== undefined,
  },
  'dns-label': matching(LABEL, 'an RFC 1123 label: a-z, 0-9 and - between them, at most 63 characters'),
  'host-name': matching(HOST, 'a host name'),
  'vault-address': {
    expected: 'https://HOST[:PORT] with nothing behind it',
    pattern: ORIGIN.source,
    accepts: isOrigin,
  },
  'receiver-url': {
    expected: 'https://HOST…, or http:// at 127.0.0.1 or localhost, without user and fragment',
    pattern: '^https?://[^\\s#@\\\\]+$',
    accepts: isReceiver,
  },
  'vault-namespace': matching(/^[\w.-]+(?:\/[\w.-]+)*\/?$/, 'a namespace such as team or team/app'),
  'mount-path': {
    expected: 'the path of a mount, without slashes at its ends',
    pattern: PATH.source,
    accepts: (text) => PATH.test(text) && !text.split('/').some((part) => part === '.' || part === '..'),
  },
  image: matching(
    new RegExp(`^${REPOSITORY}(?::[\\w][\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`),
    'an image: REPOSITORY[:TAG][@sha256:DIGEST]',
  ),
  'image-repository': matching(
    new RegExp(`^${REPOSITORY}$`),
    'the repository of an image, without tag and digest',
  ),
  quantity: matching(QUANTITY, 'a quantity such as 10m, 0.5 or 64Mi'),
  'pem-certificates': {
    expected: 'certificates in PEM',
    pattern: '-----BEGIN CERTIFICATE-----',
    accepts: isCertificates,
  },
  file: { expected: 'the name of a file', pattern: NOT_BLANK, accepts: isName },
  'key-file': { expected: 'the name of a file', pattern: NOT_BLANK, accepts: isName },
  'certificates-file': { expected: 'the name of a file', pattern: NOT_BLANK, accepts: isName },
  directory: { expected: 'the name of a folder', pattern: NOT_BLANK, accepts: isName },
};

/** RFC 1123; connections, among others, have such names. */
export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

/** OpenSSL takes what it can read of a bundle and says nothing of the rest, so every block is looked at. */
export function isCertificates(text: string): boolean {
  const blocks = text.match(CERTIFICATE) ?? [];
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).raw.length > 0);
  } catch {
    return false;
  }
}

function matching(shape: RegExp, expected: string): Format {
  return { expected, pattern: shape.source, accepts: (text) => shape.test(text) };
}

function isOrigin(text: string): boolean {
  return ORIGIN.test(text) && URL.canParse(text);
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** What is sent is signed and not secret, but whoever reads it on the way knows who may do what. */
function isReceiver(text: string): boolean {
  if (!/^https?:\/\/[^\s#@\\]+$/u.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || LOOPBACK.includes(hostname);
}

function isName(text: string): boolean {
  return text.trim() !== '' && !text.includes('\0');
}
