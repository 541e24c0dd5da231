import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Lifecycle } from './lifecycle.ts';

/**
 * Health and metrics, on a port of their own and in plain HTTP: what kubelet and Prometheus read, and nothing else. The
 * texts look like those of the API server's health endpoints.
 */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What is wrong, or how it stands. */
  readonly detail: string;
}

export interface OperationsOptions {
  /** What must hold before calls are sent here; asked every time. */
  readonly checks: () => readonly Check[];
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
}

export function buildOperations({ checks, lifecycle, metrics }: OperationsOptions): FastifyInstance {
  const app = fastify({ logger: false, return503OnClosing: false, bodyLimit: 1024 });
  /** Alive is who answers: a restart mends neither the API server nor Vault. */
  app.get('/livez', async (_request, reply) => reply.type('text/plain').send('ok'));
  app.get('/readyz', async (request, reply) =>
    sendChecks(request, reply, [...checks(), shutdownCheck(lifecycle)]),
  );
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/plain').send('not found'));
  return app;
}

function shutdownCheck({ draining }: Lifecycle): Check {
  return {
    name: 'shutdown',
    ok: !draining,
    detail: draining ? 'the process is shutting down' : 'not asked for',
  };
}

function sendChecks(request: FastifyRequest, reply: FastifyReply, checks: readonly Check[]): FastifyReply {
  const ready = checks.every(({ ok }) => ok);
  reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
  if (request.headers.accept?.includes('application/json')) return reply.send({ ready, checks });
  const isVerbose = new URL(request.url, 'http://localhost').searchParams.has('verbose');
  if (ready && !isVerbose) return reply.type('text/plain').send('ok');
  const lines = checks.map(
    ({ name, ok, detail }) => `[${ok ? '+' : '-'}]${name} ${ok ? 'ok' : 'failed'}: ${detail}`,
  );
  return reply.type('text/plain').send([...lines, ready ? 'ready' : 'not ready', ''].join('\n'));
}
