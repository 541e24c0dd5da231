/**
 * A node and its cluster belong to the process of vitest's global setup; its tests, in other processes, restart their
 * programs by asking that one: HTTP on a socket in the node's folder.
 */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Node } from '../../scripts/cluster/node.ts';
import type { Cluster } from '../../scripts/cluster/up.ts';

export type Restartable = 'containerd' | 'kubelet' | 'kube-apiserver';

export async function serveControl(node: Node, cluster: Cluster): Promise<() => void> {
  const restart: Readonly<Record<Restartable, () => Promise<void>>> = {
    containerd: () => node.restart('containerd'),
    kubelet: () => node.restart('kubelet'),
    'kube-apiserver': () => cluster.restartApiServer(),
  };
  const server = createServer((asked, response) => {
    const found = Object.entries(restart).find(([name]) => asked.url === `/${name}`);
    const done = found === undefined ? Promise.reject(new Error('unknown')) : found[1]();
    void done.then(
      () => response.end(),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  }).listen(socketIn(node.dir));
  await once(server, 'listening');
  return () => void server.close();
}

/** Resolves when the program runs again and is ready, a node's with its node. */
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
