/** As much of RabbitMQ's management API as a secrets engine needs to make users and to take them away. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeRabbitMq {
  /** `http://127.0.0.1:port` */
  readonly address: string;
  /** The names of the users that there are. */
  readonly users: ReadonlySet<string>;
  stop(): Promise<void>;
}

const userPath = /^\/api\/users\/([^/]+)$/u;

export async function startFakeRabbitMq(): Promise<FakeRabbitMq> {
  const users = new Set<string>();
  const server = createServer((request, response) => {
    const user = decodeURIComponent(userPath.exec(request.url ?? '')?.[1] ?? '');
    if (request.method === 'PUT' && user !== '') users.add(user);
    if (request.method === 'DELETE') users.delete(user);
    request.resume();
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    users,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
