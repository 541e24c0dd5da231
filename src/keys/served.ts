import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { contextOf, type SecureServer, type ServedCertificate } from '../server/tls.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { FollowedKeys, ServedPair } from './follow.ts';

/**
 * The certificate of the Secret, as it changes. Until there is one, handshakes fail: the server listens, and is not ready.
 */
export interface ServedFromKeysOptions {
  readonly followed: Pick<FollowedKeys, 'usable' | 'onChange'>;
  /** Of client certificates; read again with every new certificate and every ten seconds. */
  readonly clientCAFile?: string | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const INTERVAL_MS = 10_000;

export function serveFromKeys(options: ServedFromKeysOptions): ServedCertificate {
  const { followed, clientCAFile, logger, metrics } = options;
  const servers = new Set<SecureServer>();
  let pair: ServedPair | undefined;
  let clientCA: string | undefined;
  let context = contextOf(undefined);
  let timer: NodeJS.Timeout | undefined;
  let problem = '';

  /** Never throws: what cannot be used leaves the one before. */
  function refresh(): void {
    const next = followed.usable?.tls;
    if (next === undefined) return;
    try {
      const ca = clientCAFile === undefined ? undefined : readFileSync(clientCAFile, 'utf8');
      if (problem === '' && ca === clientCA && next.cert === pair?.cert && next.key === pair.key) return;
      const changed = contextOf({ ...next, ...(ca !== undefined && { ca }) });
      // Also where there is no server yet: what TLS cannot use is found out here.
      createSecureContext(changed);
      for (const server of servers) server.setSecureContext(changed);
      context = changed;
      pair = next;
      clientCA = ca;
      problem = '';
      metrics.certificateStale(false);
      metrics.certificateExpires(next.expiresAt.getTime() / 1000);
      metrics.authorityExpires(next.authorityExpiresAt.getTime() / 1000);
      logger.info('serving a new certificate', { expiresAt: next.expiresAt.toISOString() });
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      if (cause !== problem) logger.error('a new certificate cannot be used, serving the old one', { cause });
      problem = cause;
      metrics.certificateStale(true);
    }
  }

  followed.onChange(refresh);
  return {
    options: context,
    ca: undefined,
    follow(server) {
      servers.add(server);
      if (pair !== undefined) server.setSecureContext(context);
      if (clientCAFile !== undefined) timer ??= setInterval(refresh, INTERVAL_MS).unref();
    },
    stop() {
      clearInterval(timer);
      servers.clear();
    },
  };
}
