import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { selfSigned } from '../../src/server/self-signed.ts';

/** The bundle as it ships, serving a folder over real HTTPS on a free port of this machine. */
export interface RunningWebhook {
  /** Holds certificate, key and configuration; gone after `stop`. */
  readonly dir: string;
  readonly url: (endpoint: string) => string;
  readonly caFile: string;
  readonly ca: string;
  readonly process: ChildProcess;
  /** The figures of Prometheus, health. */
  readonly operationsPort: number;
  post(endpoint: string, body: object): Promise<unknown>;
  stop(): Promise<void>;
}

const START_SECONDS = 30;

export interface WebhookProcess {
  readonly bundle?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export async function startWebhook(facts: string, options: WebhookProcess = {}): Promise<RunningWebhook> {
  const { bundle = 'dist/countersign.cjs', env = {} } = options;
  const dir = await mkdtemp(join(tmpdir(), 'countersign-demo-'));
  try {
    const { cert, key, ca } = await selfSigned();
    const files = {
      'tls.crt': cert,
      'tls.key': key,
      'ca.crt': ca,
      'seal.key': randomBytes(32),
      'config.yaml': CONFIG,
    };
    await Promise.all(
      Object.entries(files).map(([name, content]) => writeFile(join(dir, name), content, { mode: 0o600 })),
    );
    const child = spawn(
      process.execPath,
      [bundle, 'serve', '--facts', facts, '--config', join(dir, 'config.yaml')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ...env },
      },
    );
    const ports = await servingPorts(child);
    const url = (endpoint: string) => `https://localhost:${ports.webhookPort}/${endpoint}/demo`;
    return {
      dir,
      url,
      ca,
      caFile: join(dir, 'ca.crt'),
      process: child,
      operationsPort: ports.operationsPort,
      post: (endpoint, body) => post(url(endpoint), ca, body),
      stop: () => stop(child, dir),
    };
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

const CONFIG = `
webhook:
  address: "127.0.0.1:0"
  tls: { certFile: tls.crt, keyFile: tls.key }
  caller: { mode: path, segment: demo }
operations: { address: "127.0.0.1:0" }
shutdown: { graceSeconds: 0 }
vaults:
  default: { address: "https://vault.vault:8200", kvMounts: [secret] }
injection:
  image: registry.example/countersign/agent:demo
  keyFile: seal.key
log: { level: info }
`;

interface Ports {
  readonly webhookPort: number;
  readonly operationsPort: number;
}

function servingPorts(child: ChildProcess): Promise<Ports> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill();
      reject(new Error(`the webhook did not start within ${START_SECONDS} s`));
    }, START_SECONDS * 1000);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the webhook ended with ${code} before it served`));
    });
    const { stdout } = child;
    if (stdout === null) return;
    const lines = createInterface(stdout);
    lines.on('line', (line) => {
      const entry: Partial<Ports> & { readonly msg?: string } = JSON.parse(line);
      const { webhookPort, operationsPort, msg } = entry;
      if (msg !== 'serving' || webhookPort === undefined || operationsPort === undefined) return;
      clearTimeout(timer);
      lines.close();
      // Nobody reads the rest of the log, but a full pipe would stop the process.
      stdout.resume();
      resolve({ webhookPort, operationsPort });
    });
  });
}

function post(url: string, ca: string, body: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const call = request(`${url}?timeout=5s`, { method: 'POST', ca, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (answer.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${url}: HTTP ${answer.statusCode}: ${text}`));
      });
    });
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}

async function stop(child: ChildProcess, dir: string): Promise<void> {
  const ended = new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(undefined);
    else child.once('exit', resolve);
  });
  child.kill('SIGTERM');
  await ended;
  await rm(dir, { recursive: true, force: true });
}
