import type { Server, ServerOptions } from 'node:https';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { budgetMs, type Deadline, startDeadline } from '../admit/deadline.ts';
import { ENDPOINTS, type Endpoint, type Handle, type Handled } from '../admit/handler.ts';
import { objectOf, textOf } from '../core/json.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { readTraceparent } from '../telemetry/trace.ts';
import { type Answers, createAnswers } from './answers.ts';
import { readBody, uidOf } from './body.ts';
import type { CallerCheck } from './caller.ts';
import { answerClientError } from './client-error.ts';
import type { Gate } from './gate.ts';
import type { Lifecycle } from './lifecycle.ts';

/**
 * The HTTPS server that the API server calls: HTTP/1.1, because that is all it speaks to a webhook.
 *
 * What comes back: 200 with a review for a decision; 200 with a refusing review for a body that is none, where its uid
 * could be read; else an HTTP error, and then the failurePolicy of the registration decides, not we.
 */
export interface WebhookOptions {
  readonly handle: Handle;
  readonly caller: CallerCheck;
  /** Certificate and key, and what `mtls` needs. */
  readonly tls: ServerOptions;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly gate: Gate;
}

/** A review holds two objects of up to 3 MiB and some more: controller-runtime takes 7 MiB, so nothing legal is refused. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

/**
 * Go keeps an idle connection for 90 s. It must be the one to close, or a call can hit a connection that has just gone,
 * which fails and is not tried again. The same holds for one that was opened and not used yet, which Node counts as a
 * request that has not arrived: hence no shorter limit there, and each call's own deadline ends a body that trickles in.
 */
const IDLE_MS = 120_000;

/** The API server gives up a handshake after 10 s; Node would wait for 120. */
const HANDSHAKE_MS = 10_000;

interface Call {
  readonly endpoint: Endpoint;
  readonly startedAt: number;
  readonly deadline: Deadline;
}

declare module 'fastify' {
  interface FastifyRequest {
    admission: Call | null;
  }
}

export function buildWebhook(options: WebhookOptions): FastifyInstance<Server> {
  const { lifecycle, logger, metrics } = options;
  const answers = createAnswers(logger, metrics);
  const app = fastify({
    https: { handshakeTimeout: HANDSHAKE_MS, ...options.tls },
    bodyLimit: BODY_LIMIT_BYTES,
    keepAliveTimeout: IDLE_MS,
    requestTimeout: IDLE_MS,
    return503OnClosing: false,
    logger: false,
    routerOptions: { maxParamLength: 253 },
    /** A URL that leads nowhere: no route, so nobody was asked who they are. */
    frameworkErrors: (_error, request, reply) => void answers.stranger(request, reply, 'path'),
    clientErrorHandler: (error, socket) => answerClientError(error.code, socket, metrics),
  });
  app.server.headersTimeout = IDLE_MS;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes, done) =>
    done(null, bytes),
  );
  app.setErrorHandler(answers.framework);
  app.setNotFoundHandler((request, reply) => answers.stranger(request, reply, 'path'));
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (lifecycle.draining) reply.header('connection', 'close');
    done();
  });
  addRoutes(app, options, answers);
  return app;
}

function addRoutes(app: FastifyInstance<Server>, options: WebhookOptions, answers: Answers): void {
  const { handle, caller, gate, logger, metrics } = options;
  metrics.watch('inFlight', () => gate.inFlight);
  app.decorateRequest('admission', null);
  for (const endpoint of ENDPOINTS) {
    /** Before a byte of the body is read: who is it, is there room, how long does it wait. */
    const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
      const cause = caller(segmentOf(request), request.raw.socket);
      if (cause !== undefined) return answers.stranger(request, reply, cause);
      const leave = gate.enter(sizeOf(request));
      if (typeof leave === 'string') return answers.shed(reply, leave);
      const deadline = startDeadline(budgetMs(timeoutOf(request)), () => {
        if (request.body === undefined && !reply.sent) answers.malformed(request, reply, TOO_SLOW);
      });
      request.admission = { endpoint, startedAt: performance.now(), deadline };
      reply.raw.once('close', () => {
        deadline.stop();
        leave();
      });
      return undefined;
    };
    app.post(`/${endpoint}`, { onRequest }, admit);
    app.post(`/${endpoint}/:segment`, { onRequest }, admit);
  }

  async function admit(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const call = request.admission;
    if (call === null || call.deadline.expired()) return answers.shed(reply, 'late');
    const body = readBody(Buffer.isBuffer(request.body) ? request.body : undefined);
    if (!body.ok) return answers.malformed(request, reply, body);
    try {
      const handled = await handle(call.endpoint, body.value, { deadline: call.deadline.signal });
      const answer = JSON.stringify(handled.review);
      const ms = performance.now() - call.startedAt;
      metrics.admission(handled.record, ms / 1000);
      logger.logDecision(handled.record, {
        ms,
        sourceAddress: request.ip,
        userAgent: request.headers['user-agent'],
        trace: readTraceparent(request.headers['traceparent']),
      });
      return reply.code(httpStatusOf(handled)).header('content-type', JSON_TYPE).send(answer);
    } catch (error) {
      return answers.bug(reply, error, uidOf(body.value));
    }
  }
}

const JSON_TYPE = 'application/json; charset=utf-8';
const TOO_SLOW = { reason: 'slow', message: 'the body did not arrive in time', code: 408 } as const;

/** An answer of 5xx is no decision: only as an HTTP error does it make the failurePolicy apply. */
function httpStatusOf({ record }: Handled): number {
  return record.uid === '' || record.responseCode >= 500 ? record.responseCode : 200;
}

function segmentOf({ params }: FastifyRequest): string {
  return textOf(objectOf(params)['segment']) ?? '';
}

function timeoutOf({ query }: FastifyRequest): string | undefined {
  return textOf(objectOf(query)['timeout']);
}

/** A body of unknown length is taken for the longest. */
function sizeOf({ headers }: FastifyRequest): number {
  const length = Number(headers['content-length'] ?? BODY_LIMIT_BYTES);
  return Number.isSafeInteger(length) && length >= 0 ? Math.min(length, BODY_LIMIT_BYTES) : BODY_LIMIT_BYTES;
}
