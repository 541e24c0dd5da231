/**
 * A real OpenBao or HashiCorp Vault in dev mode on a free loopback port: in memory, unsealed, ended with this
 * process however it ends.
 */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { superviseIn } from '../../scripts/cluster/supervised.ts';
import { openBaoBinary } from '../../scripts/fetch-openbao.ts';
import { vaultPrograms } from '../../scripts/vault-build.ts';
import { type JsonObject, objectOf } from '../../src/core/json.ts';
import { type ListenerOptions, makeListener } from './vault-listener.ts';

export type Product = 'OpenBao' | 'Vault';

export interface VaultServer {
  readonly product: Product;
  /** `https://127.0.0.1:port`, or `http://…`. */
  readonly address: string;
  readonly rootToken: string;
  /** PEM of the authority that signed its certificate; `undefined` without TLS. */
  readonly ca: string | undefined;
  /** An API call as root; `path` is encoded and without `/v1/`. Fails unless the answer is a success. */
  call(method: string, path: string, body?: object, headers?: Headers): Promise<JsonObject>;
  /** Of its process. */
  pid(): Promise<number>;
  /** What opens it when it has been sealed. */
  unsealKey(): Promise<string>;
  stop(): Promise<void>;
}

type Headers = Readonly<Record<string, string>>;

interface Installed {
  readonly server: string;
  /** Paths, by the name under which the server is to offer them. */
  readonly plugins: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const attempts = 3;
const startMilliseconds = 20_000;
const pollMilliseconds = 50;

/** OpenBao is fetched when it is not there; Vault, whose build takes minutes, has to be there. */
const installed: Readonly<Record<Product, () => Promise<Installed>>> = {
  OpenBao: async () => ({ server: await openBaoBinary(), plugins: {} }),
  Vault: vaultPrograms,
};

export async function startVaultServer(product: Product, options: ListenerOptions): Promise<VaultServer> {
  const program = await installed[product]();
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(product, program, options);
    } catch (error) {
      if (attempt === attempts || !String(error).includes('address already in use')) throw error;
    }
  }
}

async function startOnce(
  product: Product,
  program: Installed,
  options: ListenerOptions,
): Promise<VaultServer> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-vault-'));
  const supervisor = superviseIn(dir);
  const { address, flags, readCa } = await makeListener(dir, options);
  const rootToken = `root-${randomUUID()}`;
  const log = join(dir, 'server.log');
  const pidFile = join(dir, 'server.pid');
  await writeFile(join(dir, 'pid.json'), JSON.stringify({ pid_file: pidFile }));
  const args = [
    'server',
    ...(await pluginFlags(program, dir)),
    ...flags,
    `-config=${join(dir, 'pid.json')}`,
    '-dev-no-store-token',
    `-dev-root-token-id=${rootToken}`,
  ];
  supervisor.run({ name: product, command: program.server, args, cwd: dir, log });
  try {
    const ca = await Promise.race([untilHealthy(address, readCa), crashed(product, supervisor.crash, log)]);
    return {
      product,
      address,
      rootToken,
      ca,
      async call(method, path, body, headers) {
        const withToken = { ...headers, 'X-Vault-Token': rootToken };
        const { status, body: answer } = await send(`${address}/v1/${path}`, method, {
          ca,
          headers: withToken,
          body,
        });
        if (status >= 300) throw new Error(`${method} ${path}: ${status} ${answer}`);
        return objectOf(answer === '' ? {} : JSON.parse(answer));
      },
      pid: async () => Number(await readFile(pidFile, 'utf8')),
      async unsealKey() {
        const [, key = ''] = /Unseal Key: (\S+)/u.exec(await readFile(log, 'utf8')) ?? [];
        return key;
      },
      stop: () => supervisor.stop(),
    };
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}

/** Vault takes every file in the folder for a plugin, and follows no link out of it. */
async function pluginFlags({ plugins }: Installed, dir: string): Promise<readonly string[]> {
  const entries = Object.entries(plugins);
  if (entries.length === 0) return [];
  const folder = join(dir, 'plugins');
  await mkdir(folder);
  await Promise.all(entries.map(([name, path]) => copyFile(path, join(folder, name))));
  return [`-dev-plugin-dir=${folder}`];
}

async function untilHealthy(
  address: string,
  readCa: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const end = Date.now() + startMilliseconds;
  for (;;) {
    try {
      const ca = await readCa();
      if ((await send(`${address}/v1/sys/health`, 'GET', { ca })).status === 200) return ca;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await sleep(pollMilliseconds);
  }
}

async function crashed(
  product: Product,
  crash: Promise<{ readonly how: string }>,
  log: string,
): Promise<never> {
  const { how } = await crash;
  throw new Error(`${product} ended with ${how}:\n${await readFile(log, 'utf8').catch(() => '')}`);
}

function send(
  url: string,
  method: string,
  options: {
    readonly ca: string | undefined;
    readonly headers?: Headers;
    readonly body?: object | undefined;
  },
): Promise<Answer> {
  const { ca, headers = {}, body } = options;
  const { request } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false, ...(ca === undefined ? {} : { ca }) });
    sent.once('error', reject);
    sent.once('response', (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
