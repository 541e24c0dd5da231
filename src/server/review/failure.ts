import { CountersignError, type ErrorCode } from '../../core/errors.ts';
import { objectOf } from '../../core/json.ts';

/** A failure as the page gets it; its code is that of a CountersignError, or one of the server's own. */
export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** 401 is the page's own: whoever the API server does not know is not helped by another link. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  ERR_CONFIG: 400,
  ERR_DESK_REFUSED: 409,
  ERR_DEADLINE: 504,
  ERR_KUBE_UNREACHABLE: 502,
  ERR_KUBE_REFUSED: 502,
  ERR_KUBE_GONE: 502,
  ERR_KUBE_PROTOCOL: 502,
};

const PASSED_ON: readonly unknown[] = [403, 404, 409, 422, 429];

export function failureOf(error: unknown): Failure {
  if (error instanceof CountersignError) {
    const answered = objectOf(error.cause)['code'];
    const status =
      error.code === 'ERR_KUBE_REFUSED' && PASSED_ON.includes(answered)
        ? Number(answered)
        : (STATUS[error.code] ?? 500);
    return { status, code: error.code, message: error.message };
  }
  const { statusCode, code, message } = Object(error) as {
    statusCode?: unknown;
    code?: unknown;
    message?: unknown;
  };
  // What fastify itself finds wrong with a request: its size, its type, its shape.
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return {
      status: statusCode,
      code: 'ERR_REQUEST',
      message: [code, message].filter((part) => typeof part === 'string').join(' '),
    };
  return { status: 500, code: 'ERR_INTERNAL', message: 'countersign failed by a bug of its own' };
}
