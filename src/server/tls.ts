import type { SecureContextOptions } from 'node:tls';
import { CountersignError } from '../core/errors.ts';
import type { LogFields } from '../telemetry/fields.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import {
  type CertificateFiles,
  type CertificatePair,
  type CertificateTexts,
  pairOf,
  readTexts,
  sameTexts,
} from './certificate.ts';
import { selfSigned } from './self-signed.ts';

/**
 * The certificate that is served, replaced without a restart: new handshakes get the new one, open connections live on.
 * A pair that cannot be used is said so, shows in a metric, and the one before stays.
 */
export interface ServedCertificate {
  /** For `https.createServer`. */
  readonly options: SecureContextOptions;
  /** Of a self-signed certificate: its CA, PEM. */
  readonly ca: string | undefined;
  /** From now on every new pair goes to this server, until `stop`. */
  follow(server: SecureServer): void;
  stop(): void;
}

export interface SecureServer {
  setSecureContext(options: SecureContextOptions): void;
}

export interface ServedCertificateOptions {
  readonly source: CertificateFiles | 'self-signed';
  readonly logger: Logger;
  readonly metrics: Metrics;
  /**
   * Reading is certain where watching is not: a Secret mount changes a symbolic link two directories up. The kubelet
   * takes a minute to bring a change anyway.
   */
  readonly intervalMs?: number;
}

const INTERVAL_MS = 10_000;
/** Without a `ca` Node would trust client certificates of every public CA; with an empty list it trusts none. */
const SHARED: SecureContextOptions = { minVersion: 'TLSv1.2', ca: [] };

/** @throws CountersignError `ERR_TLS` when there is no usable pair to begin with */
export async function serveCertificate(options: ServedCertificateOptions): Promise<ServedCertificate> {
  if (options.source === 'self-signed') return serveSelfSigned(options.metrics);
  return serveFiles(options.source, options);
}

async function serveSelfSigned(metrics: Metrics): Promise<ServedCertificate> {
  const { cert, key, ca } = await selfSigned();
  const { expiresAt } = pairOf({ certFile: 'self-signed', keyFile: 'self-signed' }, [cert, key]);
  metrics.certificateExpires(expiresAt.getTime() / 1000);
  return {
    options: { ...SHARED, cert, key },
    ca,
    follow: () => undefined,
    stop: () => undefined,
  };
}

async function serveFiles(
  files: CertificateFiles,
  options: ServedCertificateOptions,
): Promise<ServedCertificate> {
  const { logger, metrics, intervalMs = INTERVAL_MS } = options;
  let seen: CertificateTexts = await readTexts(files);
  let served = pairOf(files, seen);
  let problem = '';
  let timer: NodeJS.Timeout | undefined;
  const servers = new Set<SecureServer>();
  metrics.certificateExpires(served.expiresAt.getTime() / 1000);
  if (expired(served)) logger.warn('the certificate has expired', said(files, served));

  async function refresh(): Promise<void> {
    try {
      const texts = await readTexts(files);
      if (problem === '' && sameTexts(texts, seen)) return;
      const pair = pairOf(files, texts);
      if (expired(pair)) throw new CountersignError('ERR_TLS', `${files.certFile}: has expired`);
      for (const server of servers) server.setSecureContext(contextOf(pair));
      seen = texts;
      served = pair;
      problem = '';
      metrics.certificateStale(false);
      metrics.certificateExpires(served.expiresAt.getTime() / 1000);
      logger.info('serving a new certificate', said(files, served));
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      if (cause !== problem) logger.error('a new certificate cannot be used, serving the old one', { cause });
      problem = cause;
      metrics.certificateStale(true);
    }
  }

  function lookAgain(): void {
    timer = setTimeout(() => void refresh().then(() => timer && lookAgain()), intervalMs).unref();
  }

  return {
    options: contextOf(served),
    ca: undefined,
    follow(server) {
      servers.add(server);
      if (timer === undefined) lookAgain();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      servers.clear();
    },
  };
}

/** @param pair `undefined`: there is none yet, and every handshake fails */
export function contextOf(pair: Omit<CertificatePair, 'expiresAt'> | undefined): SecureContextOptions {
  if (pair === undefined) return SHARED;
  const { cert, key, ca } = pair;
  return { ...SHARED, cert, key, ...(ca !== undefined && { ca }) };
}

function expired({ expiresAt }: CertificatePair): boolean {
  return expiresAt.getTime() <= Date.now();
}

function said({ certFile }: CertificateFiles, { expiresAt }: CertificatePair): LogFields {
  return { certFile, expiresAt: expiresAt.toISOString() };
}
