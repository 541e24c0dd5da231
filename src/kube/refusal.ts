import { CountersignError } from '../core/errors.ts';
import { objectOf, textOf } from '../core/json.ts';
import { shown } from '../core/text.ts';

/** What the API server says when it does not do what it was asked: a Status (apimachinery/pkg/apis/meta/v1/types.go). */
export interface Refusal {
  /** HTTP status code. */
  readonly code: number;
  /** `Forbidden`, `NotFound`, `Conflict`, `Expired` …; empty when the answer was no Status. */
  readonly reason: string;
  readonly message: string;
}

const MAX_MESSAGE = 400;

/** Reads an error answer of any shape. */
export function readRefusal(code: number, body: unknown): Refusal {
  const status = objectOf(body);
  return {
    code,
    reason: shown(textOf(status['reason']) ?? '', 60),
    message: shown(textOf(status['message']) ?? '', MAX_MESSAGE),
  };
}

/** 410 is ERR_KUBE_GONE: the resource version is too old and a list must start over. Everything else ERR_KUBE_REFUSED. */
export function refused(what: string, refusal: Refusal): CountersignError {
  const { code, reason, message } = refusal;
  return new CountersignError(
    code === 410 ? 'ERR_KUBE_GONE' : 'ERR_KUBE_REFUSED',
    `${what}: ${[code, reason].filter(Boolean).join(' ')}${message === '' ? '' : `: ${message}`}`,
    { cause: refusal, retryable: code === 410 || code === 429 || code >= 500 },
  );
}

/** The refusal behind an error of the client; `undefined` where the API server gave no answer. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof CountersignError)) return undefined;
  const told = error.code === 'ERR_KUBE_REFUSED' || error.code === 'ERR_KUBE_GONE';
  return told ? (error.cause as Refusal) : undefined;
}

/** The answer; `undefined` where the API server refuses with one of these codes. */
export async function unless<T>(codes: readonly number[], answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const code = refusalOf(error)?.code;
    if (code !== undefined && codes.includes(code)) return undefined;
    throw error;
  }
}
