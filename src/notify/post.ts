import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/**
 * One POST to one receiver: certificates are always verified, no redirect is followed, one deadline, and of the answer only
 * status and Retry-After are read, whatever is behind them.
 */
export type Post = (parcel: Parcel, signal: AbortSignal) => Promise<Posted>;

export interface Parcel {
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

export type Posted =
  | { readonly kind: 'taken' }
  /** It will not be taken when it is sent again. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'later'; readonly why: string; readonly retryAfterSeconds: number | undefined };

/** @param ca PEM; `undefined`: the roots of the system. */
export function createPost(url: URL, ca: string | undefined): Post {
  const secure = url.protocol === 'https:';
  const agent = secure
    ? new HttpsAgent({ rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) })
    : new HttpAgent();
  const start = secure ? httpsRequest : httpRequest;

  function answerTo({ headers, body }: Parcel, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const length = String(Buffer.byteLength(body));
      const all = { ...headers, 'content-type': 'application/json', 'content-length': length };
      const request = start(url, { agent, method: 'POST', headers: all, signal });
      request.on('response', resolve);
      request.on('error', reject);
      request.end(body);
    });
  }

  return async (parcel, signal) => {
    try {
      const answer = await answerTo(parcel, signal);
      const posted = readAnswer(answer.statusCode ?? 0, answer.headers);
      answer.on('error', () => undefined);
      answer.destroy();
      return posted;
    } catch (error) {
      return {
        kind: 'later',
        why: signal.aborted ? 'no answer in time' : codeOf(error),
        retryAfterSeconds: undefined,
      };
    }
  };
}

/** Too early, too slow, too many, or its own trouble: those pass. */
const PASSING = [408, 425, 429];
const MAX_RETRY_AFTER_SECONDS = 3600;

function readAnswer(status: number, headers: IncomingMessage['headers']): Posted {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  const why = `answer ${status}`;
  if (status < 500 && !PASSING.includes(status)) return { kind: 'refused', why };
  return { kind: 'later', why, retryAfterSeconds: retryAfterSeconds(headers) };
}

/** RFC 9110 §10.2.3: seconds, or a date, which is measured on the clock of the server that wrote it. */
function retryAfterSeconds(headers: IncomingMessage['headers']): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const seconds = /^\d+$/u.test(value)
    ? Number(value)
    : (Date.parse(value) - Date.parse(headers.date ?? '')) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS);
}

/** Node's own message may hold bytes that were received, and the address. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'the connection broke';
}
