/** A Vault that misbehaves on request: a real HTTP server which remembers what it was asked. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
}

/** What the server does with one request. */
export type Behaviour =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown; readonly headers?: Headers }
  | { readonly kind: 'text'; readonly status: number; readonly body: string | Buffer }
  /** Takes its time. */
  | { readonly kind: 'slow'; readonly milliseconds: number; readonly answer: Behaviour }
  /** Never answers. */
  | { readonly kind: 'silence' }
  /** Begins an answer and never ends it. */
  | { readonly kind: 'stall' }
  /** Closes the connection in the middle of the body. */
  | { readonly kind: 'cut' }
  /** Closes the connection instead of answering. */
  | { readonly kind: 'hang-up' };

type Headers = Readonly<Record<string, string>>;

export interface FakeVault {
  readonly address: string;
  readonly asked: readonly Asked[];
  /** Connections made so far. */
  readonly connections: () => number;
  /** Nobody listens any more, until `listen`, at the same address. */
  stop(): Promise<void>;
  listen(): Promise<void>;
}

export function answer(body: unknown, status = 200, headers: Headers = {}): Behaviour {
  return { kind: 'answer', status, body, headers };
}

/** `behave` is asked for every request; `count` is how many came before. */
export async function startFakeVault(behave: (asked: Asked, count: number) => Behaviour): Promise<FakeVault> {
  const asked: Asked[] = [];
  let connections = 0;
  async function take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const question = { method, url, headers, body: await text(request), at: Date.now() };
    asked.push(question);
    act(behave(question, asked.length - 1), response);
  }
  const server = http.createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  server.on('connection', () => {
    connections += 1;
  });
  async function listen(at: number): Promise<void> {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
  }
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    asked,
    connections: () => connections,
    async stop() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
    listen: () => listen(port),
  };
}

function act(behaviour: Behaviour, response: http.ServerResponse): void {
  switch (behaviour.kind) {
    case 'answer':
      response.writeHead(behaviour.status, { 'content-type': 'application/json', ...behaviour.headers });
      response.end(behaviour.status === 204 ? undefined : JSON.stringify(behaviour.body));
      return;
    case 'text':
      response.writeHead(behaviour.status, { 'content-type': 'text/html' });
      response.end(behaviour.body);
      return;
    case 'slow':
      setTimeout(() => act(behaviour.answer, response), behaviour.milliseconds);
      return;
    case 'silence':
      return;
    case 'stall':
      response.writeHead(200);
      response.write('{"data":');
      return;
    case 'cut':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"data":');
      setTimeout(() => response.destroy(), 20);
      return;
    case 'hang-up':
      response.destroy();
      return;
  }
}
