import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

/** A wire that can be cut: bytes pass to a real server, or nothing does. */
export interface Wire {
  /** Where to connect instead. */
  readonly port: number;
  /** Ends all connections, and takes no new ones until it is mended. */
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function startWire(to: { readonly host: string; readonly port: number }): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = dial(to);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      end();
    },
    mend() {
      isCut = false;
    },
    async stop() {
      end();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
