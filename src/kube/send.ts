import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Connection } from './config.ts';

/** One request over Node's own HTTP client, exactly as given: nothing is followed, decoded or normalised on the way. */
export interface Sendable {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Already encoded; sent as it is. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly accept?: string | undefined;
  readonly body?: string;
  readonly contentType?: string;
}

/** Resolves with the head of the answer, whatever its status. */
export async function send(
  server: URL,
  connection: Connection,
  sendable: Sendable,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const first = await attempt(server, connection, sendable, signal);
  const retried = first === undefined && sendable.method === 'GET';
  const answer = retried ? await attempt(server, connection, sendable, signal) : first;
  if (answer === undefined) throw new Error('the connection was closed while it was idle');
  return answer;
}

/** `undefined`: the server closed an idle connection as it was used again, so it has most likely not seen the request. */
function attempt(
  server: URL,
  connection: Connection,
  sendable: Sendable,
  signal: AbortSignal,
): Promise<IncomingMessage | undefined> {
  return new Promise((resolve, reject) => {
    const request = start(server, connection, sendable, signal);
    request.on('response', resolve);
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (request.reusedSocket && error.code === 'ECONNRESET') resolve(undefined);
      else reject(error);
    });
    request.end(sendable.body);
  });
}

function start(server: URL, connection: Connection, sendable: Sendable, signal: AbortSignal): ClientRequest {
  const query = new URLSearchParams(sendable.query).toString();
  const request = server.protocol === 'http:' ? httpRequest : httpsRequest;
  return request({
    method: sendable.method,
    // Node wants an IPv6 address without its brackets.
    hostname: server.hostname.replace(/^\[|\]$/g, ''),
    port: server.port,
    path: `${server.pathname.replace(/\/+$/, '')}${sendable.path}${query === '' ? '' : `?${query}`}`,
    agent: connection.agent,
    auth: connection.auth ?? null,
    headers: {
      accept: sendable.accept ?? 'application/json',
      'user-agent': 'countersign',
      ...connection.headers,
      ...(sendable.body === undefined
        ? {}
        : {
            'content-type': sendable.contentType ?? 'application/json',
            'content-length': Buffer.byteLength(sendable.body),
          }),
    },
    signal,
  });
}
