import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerMalformed, statusOf } from '../core/admission/response.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MalformedReason, Metrics, ShedReason, UnauthenticatedCause } from '../telemetry/metrics.ts';
import { createThrottle } from '../telemetry/throttle.ts';

/**
 * Every answer that is no decision. Each is counted, and said in the log as often as is useful. With a uid it is a review
 * that refuses; without one an HTTP error with a Status, and the failurePolicy of the registration decides.
 */
export interface Answers {
  /** Bare: whoever is not known learns neither a verdict nor what was wrong with the call. */
  stranger(request: FastifyRequest, reply: FastifyReply, cause: UnauthenticatedCause): FastifyReply;
  shed(reply: FastifyReply, reason: ShedReason): FastifyReply;
  malformed(request: FastifyRequest, reply: FastifyReply, refusal: Malformed): FastifyReply;
  bug(reply: FastifyReply, error: unknown, uid: string | undefined): FastifyReply;
  /** What fastify refuses by itself: a media type, a length. What is not the caller's fault is a bug. */
  readonly framework: (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;
}

export interface Malformed {
  readonly reason: MalformedReason;
  readonly message: string;
  readonly uid?: string | undefined;
  /** HTTP status where no uid can be read. */
  readonly code?: number;
}

const STRANGER_INTERVAL_MS = 10_000;
const NUISANCE_INTERVAL_MS = 1000;

/** By fastify's error code (fastify/docs/Reference/Errors.md). */
const FRAMEWORK_ERRORS: Readonly<Record<string, Pick<Malformed, 'reason' | 'message'>>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { reason: 'size', message: 'the body is larger than 8 MiB' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { reason: 'media', message: 'expected content-type application/json' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    reason: 'http',
    message: 'the body is not as long as content-length says',
  },
};

export function createAnswers(logger: Logger, metrics: Metrics): Answers {
  const strangers = createThrottle(STRANGER_INTERVAL_MS);
  const nuisances = createThrottle(NUISANCE_INTERVAL_MS);

  function stranger(request: FastifyRequest, reply: FastifyReply, cause: UnauthenticatedCause): FastifyReply {
    metrics.unauthenticated(cause);
    const unsaid = strangers.pass();
    if (unsaid !== undefined) {
      logger.warn('call refused: the caller is not known', {
        cause,
        unsaid,
        request: { sourceAddress: request.ip },
      });
    }
    const [code, message] = cause === 'path' ? [404, 'not found'] : [403, 'forbidden'];
    return reply.code(code).header('connection', 'close').send(statusOf(code, message));
  }

  /** The API server tries again by itself after `Retry-After`, for as long as it waits (client-go/rest/with_retry.go). */
  function shed(reply: FastifyReply, reason: ShedReason): FastifyReply {
    metrics.shed(reason);
    const unsaid = nuisances.pass();
    if (unsaid !== undefined) logger.warn('call turned away: too much to do', { reason, unsaid });
    const status = statusOf(429, 'countersign has too much to do and has not looked at this');
    return reply.code(429).header('retry-after', '1').send(status);
  }

  function malformed(request: FastifyRequest, reply: FastifyReply, refusal: Malformed): FastifyReply {
    const { reason, message, uid, code = 400 } = refusal;
    metrics.malformed(reason);
    const unsaid = nuisances.pass();
    if (unsaid !== undefined) {
      logger.warn('malformed body', { reason, message, unsaid, request: { uid, sourceAddress: request.ip } });
    }
    if (uid === undefined) reply.code(code).header('connection', 'close');
    else reply.code(200);
    return reply.send(answerMalformed(uid, code, message));
  }

  function bug(reply: FastifyReply, error: unknown, uid: string | undefined): FastifyReply {
    metrics.bug();
    logger.error('unexpected exception', { ...described(error), request: { uid } });
    const message = 'internal error of countersign; its log says more';
    return reply.code(500).send(answerMalformed(uid, 500, message));
  }

  function framework(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (reply.sent) return reply;
    const { statusCode: code, text } = codesOf(error);
    if (code < 400 || code >= 500) return bug(reply, error, undefined);
    const known = FRAMEWORK_ERRORS[text] ?? { reason: 'http', message: 'the request cannot be read' };
    return malformed(request, reply, { ...known, code });
  }

  return { stranger, shed, malformed, bug, framework };
}

function codesOf(error: unknown): { readonly statusCode: number; readonly text: string } {
  if (!(error instanceof Error)) return { statusCode: 500, text: '' };
  return {
    statusCode: 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500,
    text: 'code' in error ? String(error.code) : '',
  };
}

/** Where it happened. The stack begins with the message, which can quote what was sent: the log cuts and scrubs it. */
function described(error: unknown): { readonly error: string; readonly stack: readonly string[] } {
  if (!(error instanceof Error)) return { error: typeof error, stack: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { error: `${error.name}: ${error.message}`, stack: frames.slice(0, 10).map((line) => line.trim()) };
}
