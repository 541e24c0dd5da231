/**
 * A node belongs to the process of vitest's global setup; its tests, in other processes, restart the node's programs by
 * asking that one: HTTP on a socket in the node's folder.
 */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Node } from '../../scripts/cluster/node.ts';

type Restartable = Parameters<Node['restart']>[0];

const restartable: readonly Restartable[] = ['containerd', 'kubelet'];

export async function serveControl(node: Node): Promise<() => void> {
  const server = createServer((asked, response) => {
    const program = restartable.find((name) => asked.url === `/${name}`);
    const done = program === undefined ? Promise.reject(new Error('unknown')) : node.restart(program);
    void done.then(
      () => response.end(),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  }).listen(socketIn(node.dir));
  await once(server, 'listening');
  return () => void server.close();
}

/** Resolves when the program runs again and the node is ready. */
export async function restartProgram(dir: string, program: Restartable): Promise<void> {
  const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    request({ socketPath: socketIn(dir), path: `/${program}`, method: 'POST' }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    })
      .on('error', reject)
      .end();
  });
  if (answer.status !== 200) throw new Error(`${program} was not restarted: ${answer.body}`);
}

function socketIn(dir: string): string {
  return join(dir, 'control');
}
