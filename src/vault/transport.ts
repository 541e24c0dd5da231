/**
 * The HTTP below node-vault: one pinned origin, certificates always verified, no redirect followed, one
 * deadline over the whole exchange, answers of bounded size. It must never send a token anywhere else, nor
 * put one into an error.
 */
import { isUtf8 } from 'node:buffer';
import http from 'node:http';
import https from 'node:https';
import { createSecureContext } from 'node:tls';
import { CountersignError } from '../core/errors.ts';
import { shown } from '../core/text.ts';
import type { Origin, VaultEndpoint } from './endpoint.ts';

interface Exchange {
  readonly method: string;
  /** Encoded, from the slash after the origin. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface Reply {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  readonly text: string;
}

export interface Transport {
  /**
   * Fails with ERR_VAULT_UNREACHABLE, ERR_TLS, ERR_DEADLINE, ERR_VAULT_PROTOCOL, or the signal's own reason.
   */
  exchange(exchange: Exchange): Promise<Reply>;
  close(): void;
}

export interface TransportLimits {
  readonly deadlineMilliseconds: number;
  readonly answerBytes: number;
  /** Hears of every exchange: the status of the answer, or what was met instead of one. Must not throw. */
  readonly onExchange?: (ended: number | Error) => void;
}

const maxSockets = 16;
const maxRetryAfterSeconds = 3600;
const handshakeCodes = /^(EPROTO$|ERR_SSL_)/;
const certificateCodes = /^(ERR_TLS_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_|INVALID_CA$)/;

export function createTransport(origin: Origin, endpoint: VaultEndpoint, limits: TransportLimits): Transport {
  const pool = { keepAlive: true, maxSockets };
  const agent = origin.secure
    ? new https.Agent({
        ...pool,
        rejectUnauthorized: true,
        // One for all connections: each would read the certificates anew, and hold them until memory is collected.
        secureContext: createSecureContext({
          minVersion: 'TLSv1.2',
          ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }),
        }),
        ...(endpoint.tlsServerName === undefined ? {} : { servername: endpoint.tlsServerName }),
      })
    : new http.Agent(pool);
  const start = origin.secure ? https.request : http.request;

  async function exchange({ method, path, headers, body, signal }: Exchange): Promise<Reply> {
    const deadline = AbortSignal.timeout(limits.deadlineMilliseconds);
    try {
      const request = start({
        agent,
        host: origin.host,
        port: origin.port,
        method,
        path,
        headers: { ...headers, ...bodyHeaders(body) },
        signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      });
      request.end(body);
      return await replyOf(await responseTo(request), limits.answerBytes);
    } catch (error) {
      signal?.throwIfAborted();
      if (deadline.aborted) {
        const waited = `no answer within ${limits.deadlineMilliseconds / 1000} s`;
        throw new CountersignError('ERR_DEADLINE', `vault at ${origin.text}: ${waited}`, { retryable: true });
      }
      throw translated(error, origin);
    }
  }

  async function heard(asked: Exchange): Promise<Reply> {
    try {
      const reply = await exchange(asked);
      limits.onExchange?.(reply.status);
      return reply;
    } catch (error) {
      limits.onExchange?.(error instanceof Error ? error : new Error('given up'));
      throw error;
    }
  }

  return { exchange: heard, close: () => agent.destroy() };
}

function bodyHeaders(body: string | undefined): Record<string, string> {
  if (body === undefined) return {};
  return { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
}

/**
 * An error after the answer has begun fails the reading of the body too: there it is heard, here it is too
 * late.
 */
function responseTo(request: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
  });
}

async function replyOf(response: http.IncomingMessage, maxBytes: number): Promise<Reply> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > maxBytes) {
      throw new CountersignError('ERR_VAULT_PROTOCOL', `vault answered with more than ${maxBytes} bytes`);
    }
    chunks.push(piece);
  }
  const body = Buffer.concat(chunks);
  if (!isUtf8(body)) {
    throw new CountersignError('ERR_VAULT_PROTOCOL', 'vault answered with bytes that are not UTF-8');
  }
  return {
    status: response.statusCode ?? 0,
    retryAfterSeconds: retryAfterSeconds(response.headers),
    text: body.toString('utf8'),
  };
}

/** RFC 9110 §10.2.3: seconds, or a date, which is measured on the clock of the server that wrote it. */
function retryAfterSeconds(headers: http.IncomingHttpHeaders): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const seconds = /^\d+$/.test(value)
    ? Number(value)
    : (Date.parse(value) - Date.parse(headers.date ?? '')) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), maxRetryAfterSeconds);
}

/** The cause is put into words and dropped: Node's errors may hold the raw bytes of what was received. */
function translated(error: unknown, origin: Origin): unknown {
  if (error instanceof CountersignError || !(error instanceof Error)) return error;
  if (!('code' in error) || typeof error.code !== 'string') return error;
  const { code, message } = error;
  const at = `vault at ${origin.text}`;
  if (handshakeCodes.test(code)) {
    return new CountersignError('ERR_TLS', `${at}: the TLS handshake failed (${code})`);
  }
  // What Node adds behind a semicolon is advice to Node's own user.
  const said = shown(message.split(';')[0] || code, 200);
  if (certificateCodes.test(code)) return new CountersignError('ERR_TLS', `${at}: ${said}`);
  if (code.startsWith('HPE_')) return new CountersignError('ERR_VAULT_PROTOCOL', `${at}: no answer in HTTP`);
  return new CountersignError('ERR_VAULT_UNREACHABLE', `${at}: ${said}`, { retryable: true });
}
