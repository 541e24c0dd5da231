/** Ports for servers that can't choose their own, such as the API server. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below every range that systems take outgoing ports (32768 on) and Kubernetes its node ports (30000 on) from. */
const firstPort = 20_000;
const endPort = 30_000;

/** A loopback port that was free a moment ago: who uses it must be ready to hear that it is taken. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(firstPort, endPort);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
