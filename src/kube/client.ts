import type { IncomingMessage } from 'node:http';
import { CountersignError } from '../core/errors.ts';
import { type Clock, systemClock } from './clock.ts';
import type { KubeAccess } from './config.ts';
import { readRefusal, refused } from './refusal.ts';
import { type Sendable, send } from './send.ts';

/**
 * Requests to the API server. Each has a deadline and a size; each failure is a CountersignError that names method and
 * path: ERR_KUBE_UNREACHABLE, ERR_KUBE_REFUSED, ERR_KUBE_GONE (`refusalOf` has the answer), ERR_KUBE_PROTOCOL,
 * ERR_DEADLINE. Redirects are not followed: they could carry the token away.
 */
export interface KubeClient {
  get(path: string, options?: CallOptions): Promise<unknown>;
  post(path: string, body: unknown, options?: CallOptions): Promise<unknown>;
  /** Replaces an object; a body with a resourceVersion that is not the current one is 409. */
  put(path: string, body: unknown, options?: CallOptions): Promise<unknown>;
  /** `contentType` says which kind of patch; a JSON merge patch without it. */
  patch(
    path: string,
    body: unknown,
    options?: CallOptions & { readonly contentType?: string },
  ): Promise<unknown>;
  /** `preconditions`: an object that is another one by now is 409. */
  delete(path: string, options?: CallOptions & { readonly preconditions?: Preconditions }): Promise<unknown>;
  /** The body as it comes, once the answer is a success. The deadline is for the answer to begin. */
  stream(path: string, options?: CallOptions): Promise<AsyncIterable<Uint8Array>>;
}

export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface CallOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** Default 30. */
  readonly timeoutSeconds?: number;
  /** Of the answer; default `MAX_BYTES`. */
  readonly maxBytes?: number;
  /** Codes of refusals whose body is an answer all the same. */
  readonly taken?: readonly number[];
  /** Gives the call up: it fails with ERR_DEADLINE. */
  readonly signal?: AbortSignal | undefined;
}

/** Holds the largest object that etcd does (1.5 MiB), however its JSON is escaped. */
export const MAX_BYTES = 16 * 1024 * 1024;
/** Cause of the ERR_KUBE_PROTOCOL of an answer that is larger than allowed. */
export const TOO_LARGE = Symbol('too large');

const TIMEOUT_SECONDS = 30;
const MAX_REFUSAL_BYTES = 64 * 1024;

interface Call extends CallOptions, Omit<Sendable, 'query' | 'accept'> {}

export function createKubeClient(access: KubeAccess, clock: Clock = systemClock): KubeClient {
  function ask(call: Call): Promise<unknown> {
    return limited(clock, call, async (signal) => {
      const answer = await open(access, call, signal);
      return jsonOf(call, await bodyOf(call, answer, call.maxBytes ?? MAX_BYTES));
    });
  }
  return {
    get: (path, options) => ask({ ...options, method: 'GET', path }),
    post: (path, body, options) => ask({ ...options, method: 'POST', path, body: JSON.stringify(body) }),
    put: (path, body, options) => ask({ ...options, method: 'PUT', path, body: JSON.stringify(body) }),
    patch(path, body, options) {
      const contentType = options?.contentType ?? 'application/merge-patch+json';
      return ask({ ...options, method: 'PATCH', path, body: JSON.stringify(body), contentType });
    },
    delete(path, { preconditions, ...options } = {}) {
      const how = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
      const body = preconditions === undefined ? {} : { body: JSON.stringify(how) };
      return ask({ ...options, method: 'DELETE', path, ...body });
    },
    async stream(path, options) {
      const call: Call = { ...options, method: 'GET', path };
      return chunksOf(call, await limited(clock, call, (signal) => open(access, call, signal)));
    },
  };
}

async function limited<T>(clock: Clock, call: Call, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const timeoutSeconds = call.timeoutSeconds ?? TIMEOUT_SECONDS;
  const deadline = new AbortController();
  const cancel = clock.after(timeoutSeconds * 1000, () => deadline.abort());
  try {
    return await run(
      call.signal === undefined ? deadline.signal : AbortSignal.any([call.signal, deadline.signal]),
    );
  } catch (error) {
    const late = deadline.signal.aborted && call.signal?.aborted !== true;
    throw late ? expired(call, `no answer within ${timeoutSeconds} s`) : translated(call, error);
  } finally {
    cancel();
  }
}

async function open(access: KubeAccess, call: Call, signal: AbortSignal): Promise<IncomingMessage> {
  // A proxy on the way may resolve `..`, and then a hostile name would reach another resource.
  if (/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(call.path))
    throw broken(call, 'the path has a segment . or ..');
  const connection = await orAborted(access.connect(), signal);
  const answer = await send(access.server, connection, call, signal);
  const code = answer.statusCode ?? 0;
  if ((code >= 200 && code < 300) || call.taken?.includes(code)) return answer;
  if (code < 400) {
    answer.destroy();
    throw broken(call, `unexpected answer ${code}`);
  }
  const body = await bodyOf(call, answer, MAX_REFUSAL_BYTES).catch(() => '');
  throw refused(`${call.method} ${call.path}`, readRefusal(code, parsed(body)));
}

/** A credential plugin may hang, and knows no signal. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error('aborted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

async function bodyOf(call: Call, answer: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw broken(call, `the answer is larger than ${maxBytes} bytes`, TOO_LARGE);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function* chunksOf(call: Call, answer: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* answer as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw translated(call, error);
  }
}

function jsonOf(call: Call, text: string): unknown {
  const value = parsed(text);
  if (value === undefined) throw broken(call, 'the answer is not JSON');
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function broken(call: Call, what: string, cause?: unknown): CountersignError {
  return new CountersignError('ERR_KUBE_PROTOCOL', `${call.method} ${call.path}: ${what}`, { cause });
}

function expired(call: Call, what: string): CountersignError {
  return new CountersignError('ERR_DEADLINE', `${call.method} ${call.path}: ${what}`, { retryable: true });
}

function translated(call: Call, error: unknown): CountersignError {
  if (error instanceof CountersignError) return error;
  if (call.signal?.aborted === true) return expired(call, 'given up');
  // Node calls it `aborted`, as if it had been us.
  const broke = answerBroke(error) || !(error instanceof Error);
  const why = broke ? 'the connection broke' : error.message;
  return new CountersignError('ERR_KUBE_UNREACHABLE', `${call.method} ${call.path}: ${why}`, {
    cause: error,
    retryable: true,
  });
}

function answerBroke(error: unknown): boolean {
  return (
    error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET'
  );
}
