/**
 * Judges what Vault answered: the JSON it holds, or why the call failed, in Vault's own words made safe to
 * show.
 */
import { CountersignError, type ErrorCode } from '../core/errors.ts';
import { isObject, type JsonObject, objectOf, textsOf } from '../core/json.ts';
import { shown } from '../core/text.ts';
import type { Reply } from './transport.ts';

export interface Call {
  /** For a message: `read secret/data/db`. */
  readonly what: string;
  /** 404 means that nothing is there, which is an answer. */
  readonly mayBeAbsent: boolean;
  /** What was sent and may never be shown, should the other side repeat it. */
  readonly secrets: readonly string[];
}

interface Meaning {
  readonly code: ErrorCode;
  readonly retryable: boolean;
}

const maxLineLength = 200;
const tokenShapes = /\b(?:hv[sbr]|[sbr])\.[\w-]{20,}|\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g;
/** Vault's Go services join several errors under this line. */
const errorCount = /^\d+ errors? occurred:?$/;

/** `undefined`: there was no content, or nothing is there. */
export function judge(reply: Reply, call: Call): JsonObject | undefined {
  const body = parse(reply.text);
  if (reply.status >= 200 && reply.status < 300) {
    if (reply.status === 204) return undefined;
    if (isObject(body)) return body;
    throw new CountersignError(
      'ERR_VAULT_PROTOCOL',
      `vault answered to ${call.what} with something that is not JSON`,
    );
  }
  if (reply.status === 404 && call.mayBeAbsent && isObject(body)) {
    // A deleted version of a KV version 2 secret comes with 404 too, and says so in its data.
    if ('data' in body) return body;
    if (textsOf(body['errors']).length === 0) return undefined;
  }
  const { code, retryable } = meaningOf(reply.status);
  const said = line(body, call.secrets);
  const words = `vault answered ${reply.status} to ${call.what}${said === '' ? '' : `: ${said}`}`;
  const { status, retryAfterSeconds } = reply;
  throw new CountersignError(code, words, { retryable, retryAfterSeconds, cause: { status } });
}

/** The HTTP status of an answer that was a failure; `undefined` where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof CountersignError) || !error.code.startsWith('ERR_VAULT_')) return undefined;
  const status = objectOf(error.cause)['status'];
  return typeof status === 'number' ? status : undefined;
}

/**
 * https://developer.hashicorp.com/vault/api-docs#http-status-codes, and those of sys/health for standby
 * nodes.
 */
function meaningOf(status: number): Meaning {
  if (status >= 300 && status < 400) return { code: 'ERR_VAULT_REDIRECT', retryable: true };
  if (status === 429) return { code: 'ERR_VAULT_RATE_LIMITED', retryable: true };
  if (status === 472 || status === 473 || status === 503)
    return { code: 'ERR_VAULT_SEALED', retryable: true };
  // 412: a standby has not yet seen the write that this token comes from.
  if (status === 412 || status >= 500) return { code: 'ERR_VAULT_UNREACHABLE', retryable: true };
  if (status >= 400) return { code: 'ERR_VAULT_REFUSED', retryable: false };
  return { code: 'ERR_VAULT_PROTOCOL', retryable: false };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The first line of Vault's first error that says something. */
function line(body: unknown, secrets: readonly string[]): string {
  const error = isObject(body) ? (textsOf(body['errors'])[0] ?? '') : '';
  const lines = error.split(/[\r\n]+/).map((text) => text.replace(/^[\s*]+/, '').trimEnd());
  const first = lines.find((text) => text !== '' && !errorCount.test(text)) ?? '';
  return shown(redacted(first, secrets), maxLineLength);
}

function redacted(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== '');
  return known
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
    .replace(tokenShapes, '[redacted]');
}
