import { createHash } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { CountersignError } from '../core/errors.ts';
import { shown } from '../core/text.ts';
import { type Clock, systemClock } from './clock.ts';

/** Which API server is spoken to and as whom: a kubeconfig, or the pod's own service account. */
export interface KubeAccess {
  readonly server: URL;
  /** The kubeconfig's context; `inClusterContext` in a pod. */
  readonly context: string;
  /** Where its commands are meant for; `undefined`: it does not say. */
  readonly namespace?: string | undefined;
  /** What a request needs now. Tokens, certificates and the CA may be other ones than a minute ago. */
  connect(): Promise<Connection>;
}

export interface Connection {
  readonly agent: HttpAgent;
  readonly headers: Readonly<Record<string, string>>;
  /** Basic authentication, `user:password`. */
  readonly auth: string | undefined;
}

export interface AccessOptions {
  /** A file; else `KUBECONFIG`, `~/.kube/config`, or the service account of the pod, as kubectl looks for them. */
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** The client library costs 20 MB and is needed only here, so it is loaded when a cluster is really used. */
export async function loadKubeAccess(
  options: AccessOptions = {},
  clock: Clock = systemClock,
): Promise<KubeAccess> {
  const { KubeConfig } = await import('./kubeconfig.ts');
  const config = new KubeConfig();
  const source = options.kubeconfig ?? 'the default kubeconfig';
  try {
    if (options.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(options.kubeconfig);
  } catch (error) {
    throw new CountersignError('ERR_CONFIG', `${source} ${whyUnread(error)}`);
  }
  if (options.context !== undefined) config.setCurrentContext(options.context);
  const server = serverOf(config, source);
  const agentFor = agentCache();
  const connect = cached(clock, () => connectionOf(config, agentFor));
  const namespace = config.getContextObject(config.currentContext)?.namespace || undefined;
  return { server, context: config.currentContext, namespace, connect };
}

/** Never the parser's own text: it quotes the lines around a mistake, and a kubeconfig holds tokens. */
function whyUnread(error: unknown): string {
  const { code, mark } = Object(error) as { code?: unknown; mark?: { line?: unknown } };
  if (typeof code === 'string') return `can't be read (${code})`;
  if (typeof mark?.line === 'number') return `is not YAML: line ${mark.line + 1}`;
  return 'is not a kubeconfig: expected clusters, users and contexts';
}

function serverOf(config: KubeConfig, source: string): URL {
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    const names = config.getContexts().map(({ name }) => shown(name, 60));
    const { currentContext = '' } = config as { readonly currentContext?: string };
    const wanted = JSON.stringify(shown(currentContext, 60));
    throw new CountersignError(
      'ERR_CONFIG',
      `${source} has no context ${wanted} with a cluster: expected one of ${names.join(', ') || 'none'}`,
    );
  }
  // What the library falls back to when it has found nothing at all.
  if (cluster.name === 'cluster' && cluster.server === 'http://localhost:8080') {
    throw new CountersignError(
      'ERR_CONFIG',
      'no cluster is configured: expected --kubeconfig, KUBECONFIG, ~/.kube/config or a pod with a service account',
    );
  }
  // The library refuses plain HTTP unless the kubeconfig says that it means it.
  const schemes = cluster.skipTLSVerify ? /^https?:$/ : /^https:$/;
  const server = URL.parse(cluster.server);
  if (server === null || !schemes.test(server.protocol)) {
    const found = shown(cluster.server);
    throw new CountersignError(
      'ERR_CONFIG',
      `${source}: server: expected https://HOST[:PORT], found ${found}`,
    );
  }
  return server;
}

const REUSE_MS = 10_000;

/** One answer for all who ask within ten seconds: an exec plugin is a process, and certificate files are read each time. */
function cached(clock: Clock, connect: () => Promise<Connection>): () => Promise<Connection> {
  let current: Promise<Connection> | undefined;
  let until = 0;
  return () => {
    if (current !== undefined && clock.now() < until) return current;
    const asked = connect();
    [current, until] = [asked, clock.now() + REUSE_MS];
    asked.catch(() => {
      if (current === asked) current = undefined;
    });
    return asked;
  };
}

async function connectionOf(
  config: KubeConfig,
  agentFor: (options: AgentOptions) => Agent,
): Promise<Connection> {
  const applied: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(applied);
  } catch (error) {
    throw new CountersignError('ERR_CONFIG', whyNoCredentials(config, error), { retryable: true });
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(applied.headers ?? {})) headers[name] = String(value).trim();
  const auth = applied.auth ?? undefined;
  const cluster = config.getCurrentCluster();
  if (applied.agent instanceof HttpAgent && (cluster?.proxyUrl || cluster?.server.startsWith('http:'))) {
    return { agent: applied.agent, headers, auth };
  }
  const { ca, cert, key, servername } = applied;
  // Stated, so that NODE_TLS_REJECT_UNAUTHORIZED=0 does not switch verification off behind the kubeconfig's back.
  const rejectUnauthorized = applied.rejectUnauthorized ?? true;
  return { agent: agentFor(defined({ ca, cert, key, servername, rejectUnauthorized })), headers, auth };
}

/** A peer that is gone is noticed by TCP in half a minute; idle connections end before the API server ends them (90 s). */
const KEEP_ALIVE: AgentOptions = {
  keepAlive: true,
  keepAliveMsecs: 15_000,
  timeout: 60_000,
  maxFreeSockets: 8,
};

/** Without what a plugin printed: that may be a token. */
function whyNoCredentials(config: KubeConfig, error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  const plugin = (config.getCurrentUser()?.exec as { command?: unknown } | undefined)?.command;
  const what =
    typeof plugin === 'string'
      ? `the credential plugin ${shown(plugin)}`
      : 'the credentials of the kubeconfig';
  return `${what} can't be used${typeof code === 'string' ? ` (${code})` : ''}`;
}

/** The library's own agent neither keeps connections alive nor notices a rotated CA. */
function agentCache(): (options: AgentOptions) => Agent {
  let known: { readonly fingerprint: string; readonly agent: Agent } | undefined;
  return (options) => {
    const fingerprint = createHash('sha256').update(JSON.stringify(options)).digest('hex');
    // The old agent is left to itself: watches still use its connections, and its idle ones time out.
    if (known?.fingerprint !== fingerprint) {
      known = { fingerprint, agent: new Agent({ ...options, ...KEEP_ALIVE }) };
    }
    return known.agent;
  };
}

function defined(options: { [K in keyof AgentOptions]: AgentOptions[K] | undefined }): AgentOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as AgentOptions;
}
