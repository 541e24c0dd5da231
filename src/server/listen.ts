import type { Server } from 'node:net';
import { CountersignError } from '../core/errors.ts';

export interface ListenAddress {
  /** `undefined`: every address of the machine, both families where it has both. */
  readonly host: string | undefined;
  /** 0: any free port. */
  readonly port: number;
}

interface Listenable {
  readonly server: Server;
  listen(options: { host: string; port: number }): Promise<string>;
}

/** Listens and gives the port. A machine without IPv6 gets every IPv4 address instead of every address. */
export async function listen(app: Listenable, { host, port }: ListenAddress): Promise<number> {
  try {
    await app.listen({ host: host ?? '::', port });
  } catch (error) {
    if (host !== undefined || codeOf(error) !== 'EAFNOSUPPORT') throw cannotListen(host, port, error);
    await app.listen({ host: '0.0.0.0', port }).catch((second: unknown) => {
      throw cannotListen(host, port, second);
    });
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function cannotListen(host: string | undefined, port: number, cause: unknown): CountersignError {
  return new CountersignError('ERR_CONFIG', `cannot listen on ${host ?? ''}:${port}: ${codeOf(cause)}`, {
    cause,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
