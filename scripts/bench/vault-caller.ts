/** Calls to a Vault as plain as they get, by node:https with keep-alive: the yardstick of what the product does. */
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';

export interface VaultAddress {
  readonly address: string;
  /** PEM. */
  readonly ca: string;
}

export interface Caller {
  /** @returns the body. Fails unless the answer is a success. */
  call(method: string, path: string, body?: object): Promise<string>;
  close(): void;
}

export function createCaller({ address, ca }: VaultAddress, token: string, width: number): Caller {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: width });
  return {
    async call(method, path, body) {
      const content = body === undefined ? '' : JSON.stringify(body);
      const headers = {
        'X-Vault-Token': token,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(content),
      };
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const sent = request(`${address}/v1/${path}`, { method, agent, headers }, resolve);
        sent.once('error', reject);
        sent.end(content);
      });
      const answer = await text(response);
      if ((response.statusCode ?? 0) < 300) return answer;
      throw new Error(`${method} ${path}: ${response.statusCode}`);
    },
    close: () => agent.destroy(),
  };
}
