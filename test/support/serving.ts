import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from '../../scripts/build.ts';
import type { ClusterClient } from '../../scripts/cluster/client.ts';
import { webhookCallerName } from '../../scripts/cluster/layout.ts';
import type { Endpoint } from '../../src/admit/handler.ts';
import { selfSigned } from '../../src/server/self-signed.ts';

/** The bundle, watching a real cluster as its own service account. */
export interface ServingWebhook {
  readonly url: (endpoint: Endpoint) => string;
  readonly caPem: string;
  /** Its log lines so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  stop(): Promise<void>;
}

/** A connection, whose auth mount is `kubernetes`. */
export interface ServedVault {
  readonly address: string;
  readonly ca?: string | undefined;
  /** Its roles and policies are read, by this role of Countersign's own. */
  readonly facts?: { readonly role: string; readonly refreshSeconds: number };
}

export interface ServingOptions {
  /** ScopePolicy objects. */
  readonly policies: readonly object[];
  readonly vault: ServedVault;
  /** By name, beside `default`. */
  readonly moreVaults?: Readonly<Record<string, ServedVault>>;
  /** How the API server makes itself known; default `path`. */
  readonly caller?: 'path' | 'mtls';
  /** Where it finds the API server, if not where that is. */
  readonly server?: string;
  /** Pods may be given wrapped tokens, by the identity that reads the facts. */
  readonly wrapped?: boolean;
  /** Who is told of what happens, and the key that it is signed with. */
  readonly notify?: { readonly url: string; readonly key: Uint8Array };
}

const OWN = { namespace: 'countersign', name: 'countersign' };
const SEGMENT = 'test-segment';
const TOKEN_FILE = 'vault-token';

const CALLERS = {
  path: { mode: 'path', segment: SEGMENT },
  mtls: { mode: 'mtls', segment: SEGMENT, clientCAFile: 'client-ca.crt', allowedNames: [webhookCallerName] },
} as const;

export async function serveCluster(
  cluster: ClusterClient,
  { policies, vault, moreVaults = {}, caller = 'path', server, wrapped = false, notify }: ServingOptions,
): Promise<ServingWebhook> {
  await build({ quiet: true });
  const dir = await mkdtemp(join(tmpdir(), 'countersign-cluster-'));
  const { cert, key, ca } = await selfSigned();
  const config = {
    webhook: {
      address: '127.0.0.1:0',
      tls: { certFile: 'tls.crt', keyFile: 'tls.key' },
      caller: CALLERS[caller],
    },
    operations: { address: '127.0.0.1:0' },
    shutdown: { graceSeconds: 0 },
    policies: { dir: '.' },
    cluster: { kubeconfig: 'kubeconfig.json' },
    vaults: {
      default: connectionOf(vault),
      ...Object.fromEntries(Object.entries(moreVaults).map(([name, one]) => [name, connectionOf(one)])),
    },
    injection: {
      image: 'registry.example/countersign-agent:1',
      keyFile: 'seal.key',
      ...(wrapped && { wrapped: {} }),
    },
    ...(notify !== undefined && { notifications: { test: { url: notify.url, secretFile: 'notify.key' } } }),
  };
  const files = {
    'client-ca.crt': cluster.caPem,
    'tls.crt': cert,
    'tls.key': key,
    'seal.key': randomBytes(32),
    'notify.key': notify?.key ?? '',
    'config.json': JSON.stringify(config),
    'kubeconfig.json': JSON.stringify(await ownKubeconfig(cluster, server)),
    [TOKEN_FILE]: await cluster.serviceAccountToken(OWN, 'vault'),
    ...Object.fromEntries(policies.map((policy, at) => [`policy-${at}.yaml`, JSON.stringify(policy)])),
  };
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(dir, name), content)));
  return start(dir, ca);
}

function connectionOf({ address, ca, facts }: ServedVault): object {
  return {
    address,
    kvMounts: ['secret'],
    allowHTTP: true,
    ...(ca !== undefined && { ca }),
    ...(facts !== undefined && { facts: { ...facts, tokenFile: TOKEN_FILE } }),
  };
}

async function start(dir: string, caPem: string): Promise<ServingWebhook> {
  const child = spawn(
    process.execPath,
    ['dist/countersign.cjs', 'serve', '--config', join(dir, 'config.json')],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log: Record<string, unknown>[] = [];
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ports = await new Promise<Record<string, unknown>>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const entry: Record<string, unknown> = JSON.parse(line);
      log.push(entry);
      if (entry['msg'] === 'serving') resolve(entry);
    });
    void exited.then((code) =>
      reject(new Error(`the webhook ended with ${code}: ${Buffer.concat(errors).toString()}`)),
    );
  });
  await ready(`http://127.0.0.1:${Number(ports['operationsPort'])}/readyz?verbose`);
  return {
    url: (endpoint) => `https://127.0.0.1:${Number(ports['webhookPort'])}/${endpoint}/${SEGMENT}`,
    caPem,
    log,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const READY_SECONDS = 20;

async function ready(url: string): Promise<void> {
  const end = performance.now() + READY_SECONDS * 1000;
  let last = '';
  while (performance.now() < end) {
    const answer = await fetch(url);
    last = await answer.text();
    if (answer.ok) return;
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
  throw new Error(`not ready after ${READY_SECONDS} s: ${last}`);
}

/** With exactly the rights that ship, so that a test fails when it comes to need more. */
export async function ownKubeconfig(cluster: ClusterClient, server = cluster.server): Promise<object> {
  await cluster.kubectl(['apply', '-f', 'manifests/rbac.yaml']);
  const token = await cluster.serviceAccountToken(OWN, 'https://kubernetes.default.svc');
  const ca = Buffer.from(cluster.caPem).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'own',
    contexts: [{ name: 'own', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': ca } }],
    users: [{ name: 'u', user: { token } }],
  };
}
