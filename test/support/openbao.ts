/**
 * A real OpenBao in dev mode on a free loopback port: in memory, unsealed, ended with this process however it
 * ends.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../scripts/cluster/ports.ts';
import { superviseIn } from '../../scripts/cluster/supervised.ts';
import { openBaoBinary } from '../../scripts/fetch-openbao.ts';
import { type JsonObject, objectOf } from '../../src/core/json.ts';

export interface OpenBao {
  /** `https://127.0.0.1:port`, or `http://…`. */
  readonly address: string;
  readonly rootToken: string;
  /** PEM of the authority that signed its certificate; `undefined` without TLS. */
  readonly ca: string | undefined;
  /** An API call as root; `path` is encoded and without `/v1/`. Fails unless the answer is a success. */
  call(method: string, path: string, body?: object): Promise<JsonObject>;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const attempts = 3;
const startMilliseconds = 20_000;
const pollMilliseconds = 50;

export async function startOpenBao(options: { readonly tls: boolean }): Promise<OpenBao> {
  const binary = await openBaoBinary();
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(binary, options.tls);
    } catch (error) {
      if (attempt === attempts || !String(error).includes('address already in use')) throw error;
    }
  }
}

async function startOnce(binary: string, tls: boolean): Promise<OpenBao> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-openbao-'));
  const supervisor = superviseIn(dir);
  const port = await freePort();
  const address = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const rootToken = `root-${randomUUID()}`;
  const log = join(dir, 'openbao.log');
  const flags = [
    ...(tls ? ['-dev-tls', `-dev-tls-cert-dir=${dir}`] : ['-dev']),
    '-dev-no-store-token',
    `-dev-root-token-id=${rootToken}`,
    `-dev-listen-address=127.0.0.1:${port}`,
  ];
  supervisor.run({ name: 'openbao', command: binary, args: ['server', ...flags], cwd: dir, log });
  try {
    const readCa = () => (tls ? readFile(join(dir, 'vault-ca.pem'), 'utf8') : Promise.resolve(undefined));
    const ca = await Promise.race([untilHealthy(address, readCa), crashed(supervisor.crash, log)]);
    return {
      address,
      rootToken,
      ca,
      call: (method, path, body) => call({ address, ca, rootToken }, method, path, body),
      stop: () => supervisor.stop(),
    };
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
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

async function crashed(crash: Promise<{ readonly how: string }>, log: string): Promise<never> {
  const { how } = await crash;
  throw new Error(`OpenBao ended with ${how}:\n${await readFile(log, 'utf8').catch(() => '')}`);
}

async function call(
  to: Pick<OpenBao, 'address' | 'ca' | 'rootToken'>,
  method: string,
  path: string,
  body?: object,
): Promise<JsonObject> {
  const { status, body: answer } = await send(`${to.address}/v1/${path}`, method, {
    ca: to.ca,
    token: to.rootToken,
    body,
  });
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${answer}`);
  return objectOf(answer === '' ? {} : JSON.parse(answer));
}

function send(
  url: string,
  method: string,
  options: { readonly ca?: string | undefined; readonly token?: string; readonly body?: object | undefined },
): Promise<Answer> {
  const { ca, token, body } = options;
  const { request } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { 'X-Vault-Token': token };
    const sent = request(url, { method, headers, agent: false, ...(ca === undefined ? {} : { ca }) });
    sent.once('error', reject);
    sent.once('response', (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
