/** An API server that believes every token, for the kubernetes method of a real OpenBao: TokenReview, and labels of namespaces. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { decodeJwt } from 'jose';

export interface FakeReviewer {
  readonly address: string;
  stop(): Promise<void>;
}

export async function startFakeReviewer(labels: Readonly<Record<string, string>>): Promise<FakeReviewer> {
  async function answer(request: http.IncomingMessage): Promise<object> {
    if (request.method === 'GET') return { kind: 'Namespace', apiVersion: 'v1', metadata: { labels } };
    const { spec } = JSON.parse(await text(request)) as { spec: { token: string; audiences?: string[] } };
    const claims = decodeJwt<{ 'kubernetes.io': { serviceaccount: { uid: string } } }>(spec.token);
    const user = {
      username: claims.sub,
      uid: claims['kubernetes.io'].serviceaccount.uid,
      groups: ['system:serviceaccounts'],
    };
    const status = { authenticated: true, user, audiences: spec.audiences };
    return { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', status };
  }
  async function respond(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await answer(request);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }
  const server = http.createServer((request, response) => {
    respond(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
