/** What tests do with a running cluster. Works in any process that has the address. */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type AuditEvent, auditEventOf } from './audit.ts';
import { programPath } from './components.ts';
import { filesIn } from './layout.ts';

/** Plain data, so that one process can hand it to another. */
export interface ClusterAddress {
  /** The cluster's folder; it is gone when the cluster has stopped. */
  readonly dir: string;
  /** The path of a kubeconfig of a member of `system:masters`. */
  readonly kubeconfig: string;
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  /** The authority of the API server's certificate and of the one that the API server shows to webhooks. */
  readonly caPem: string;
}

interface KubectlOptions {
  /** What `-f -` reads. */
  readonly input?: string;
  /** The user to impersonate; a service account's groups are added by the API server. */
  readonly as?: string;
  /** Return a failure's code and output instead of throwing them. */
  readonly allowFailure?: boolean;
}

interface KubectlResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

export interface ClusterClient extends ClusterAddress {
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  /** A token of one hour, made by the API server's TokenRequest. */
  serviceAccountToken(account: ServiceAccount, audience: string): Promise<string>;
  /** The audited requests so far, oldest first. An event may come a moment after its response. */
  auditLog(isWanted?: (event: AuditEvent) => boolean): Promise<readonly AuditEvent[]>;
}

const kubectlTimeoutMilliseconds = 120_000;

export function connect(address: ClusterAddress): ClusterClient {
  const files = filesIn(address.dir);

  async function kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<KubectlResult> {
    const impersonation = options.as === undefined ? [] : [`--as=${options.as}`];
    const all = [`--kubeconfig=${address.kubeconfig}`, ...impersonation, ...args];
    const result = await run(programPath('kubectl'), all, { input: options.input ?? '', home: address.dir });
    if (result.code !== 0 && options.allowFailure !== true) {
      throw new Error(`kubectl ${args.join(' ')} ended with code ${result.code}: ${result.stderr.trim()}`);
    }
    return result;
  }

  async function serviceAccountToken(account: ServiceAccount, audience: string): Promise<string> {
    const where = [`--namespace=${account.namespace}`, `--audience=${audience}`, '--duration=1h'];
    const { stdout } = await kubectl(['create', 'token', account.name, ...where]);
    return stdout.trim();
  }

  async function auditLog(
    isWanted: (event: AuditEvent) => boolean = () => true,
  ): Promise<readonly AuditEvent[]> {
    const events: AuditEvent[] = [];
    for await (const line of createInterface({ input: createReadStream(files.auditLog) })) {
      const event = auditEventOf(line);
      if (event !== undefined && isWanted(event)) events.push(event);
    }
    return events;
  }

  return { ...address, kubectl, serviceAccountToken, auditLog };
}

/** `home` takes kubectl's caches, and keeps the developer's own `~/.kube` out. */
function run(
  command: string,
  args: readonly string[],
  { input, home }: { readonly input: string; readonly home: string },
): Promise<KubectlResult> {
  const { promise, resolve, reject } = Promise.withResolvers<KubectlResult>();
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: home },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: kubectlTimeoutMilliseconds,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.once('error', reject);
  child.once('close', (code, signal) => {
    if (code === null) reject(new Error(`kubectl ${args.join(' ')} was ended by ${signal}`));
    else resolve({ stdout, stderr, code });
  });
  // It may end before it has read everything: then its code says why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return promise;
}
