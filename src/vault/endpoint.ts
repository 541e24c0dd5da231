/**
 * Decides whether a Vault may be spoken to at all: which origin, by which certificates. Reads no environment
 * but one refusal.
 */
import { X509Certificate } from 'node:crypto';
import { CountersignError } from '../core/errors.ts';

/** Where a Vault is and how it proves that it is that one: part of a `VaultConnection` and of an `AgentVault`. */
export interface VaultEndpoint {
  /** `https://host[:port]` or `http://host[:port]`, nothing behind it. */
  readonly address: string;
  readonly namespace?: string;
  /** PEM; the system's roots when absent. */
  readonly ca?: string;
  readonly tlsServerName?: string;
}

/** The one place that requests go to. */
export interface Origin {
  readonly secure: boolean;
  /** As node:net wants it: an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** `https://host[:port]`, as node-vault puts it before a path. */
  readonly text: string;
}

const addressShape = /^https?:\/\/[^\s/?#@\\]+$/;
const namespaceShape = /^[\w.-]+(\/[\w.-]+)*\/?$/;
const hostNameShape = /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/;
const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export interface EndpointProblem {
  readonly field: keyof VaultEndpoint;
  readonly message: string;
}

/** Everything wrong with an endpoint. */
export function endpointProblems(endpoint: VaultEndpoint): readonly EndpointProblem[] {
  const { address, namespace, ca, tlsServerName } = endpoint;
  const problems: EndpointProblem[] = [];
  if (parseOrigin(address) === undefined) {
    problems.push({ field: 'address', message: 'expected https://host[:port] with nothing behind it' });
  }
  if (namespace !== undefined && !namespaceShape.test(namespace)) {
    problems.push({ field: 'namespace', message: 'expected a Vault namespace such as team or team/app' });
  }
  if (ca !== undefined && !isCertificates(ca)) {
    problems.push({ field: 'ca', message: 'expected certificates in PEM' });
  }
  if (tlsServerName !== undefined && !hostNameShape.test(tlsServerName)) {
    problems.push({ field: 'tlsServerName', message: 'expected a host name' });
  }
  return problems;
}

/** Throws ERR_CONFIG with every problem. */
export function originOf(endpoint: VaultEndpoint): Origin {
  const problems = endpointProblems(endpoint).map(({ field, message }) => `${field}: ${message}`);
  // Requests verify whatever the variable says; refusing it tells the person that it has no effect.
  if (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    problems.push('NODE_TLS_REJECT_UNAUTHORIZED=0 is set: certificates are always verified, so unset it');
  }
  const origin = parseOrigin(endpoint.address);
  if (origin === undefined || problems.length > 0) {
    throw new CountersignError('ERR_CONFIG', `vault connection: ${problems.join('; ')}`);
  }
  return origin;
}

function parseOrigin(address: string): Origin | undefined {
  const url = addressShape.test(address) ? URL.parse(address) : null;
  if (url === null || url.hostname === '') return undefined;
  const secure = url.protocol === 'https:';
  return {
    secure,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    text: url.origin,
  };
}

/**
 * OpenSSL ignores what it can't read in a bundle, and then trusts nothing: the cause would only show as a
 * failed handshake.
 */
function isCertificates(pem: string): boolean {
  const blocks = pem.match(pemCertificate) ?? [];
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).raw.length > 0);
  } catch {
    return false;
  }
}
