import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A chat with an incoming webhook, and the example that forwards to it, as its own process. */
export interface Chat {
  /** Of the forwarder. */
  readonly url: URL;
  /** Texts that the chat has taken. */
  readonly texts: readonly string[];
  /** What the next calls of the chat meet instead of `ok`. */
  readonly faults: ((response: ServerResponse) => void)[];
  stop(): Promise<void>;
}

export async function startChat(folder: string, key: Uint8Array): Promise<Chat> {
  const texts: string[] = [];
  const faults: ((response: ServerResponse) => void)[] = [];
  const server = createServer((request, response) => {
    void Array.fromAsync(request as AsyncIterable<Buffer>).then((chunks) => {
      const fault = faults.shift();
      if (fault !== undefined) return fault(response);
      texts.push((JSON.parse(Buffer.concat(chunks).toString()) as { text: string }).text);
      return response.end('ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [keyFile, chatFile] = [join(folder, 'key'), join(folder, 'chat-url')];
  writeFileSync(keyFile, key);
  writeFileSync(chatFile, `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/x\n`);
  const forwarder = spawn(process.execPath, ['manifests/examples/notify-chat/forward.mjs'], {
    env: { KEY_FILE: keyFile, CHAT_URL_FILE: chatFile, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await portOf(forwarder);
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    texts,
    faults,
    async stop() {
      forwarder.kill('SIGKILL');
      await once(forwarder, 'exit');
      server.closeAllConnections();
      server.close();
    },
  };
}

async function portOf({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error('no output');
  const [line] = (await once(stdout, 'data')) as [Buffer];
  return Number(/listening on (\d+)/u.exec(line.toString())?.[1]);
}
