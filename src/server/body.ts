import { isUtf8 } from 'node:buffer';
import { objectOf, textOf } from '../core/json.ts';
import type { MalformedReason } from '../telemetry/metrics.ts';
import { inspect } from './inspect.ts';

/** The bytes of a call made into a value that no later code has to fear, or what is wrong with them. */
export type Body =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly reason: MalformedReason;
      readonly message: string;
      /** Of the review, where it could be read all the same. */
      readonly uid: string | undefined;
    };

/** The API server writes a review with these fields first, in this order (Go's struct order); others swap the first two. */
const OPENING = new RegExp(
  String.raw`^\s*\{\s*(?:"kind"\s*:\s*"AdmissionReview"|"apiVersion"\s*:\s*"admission\.k8s\.io/v1")\s*,\s*` +
    String.raw`(?:"kind"\s*:\s*"AdmissionReview"|"apiVersion"\s*:\s*"admission\.k8s\.io/v1")\s*,\s*` +
    String.raw`"request"\s*:\s*\{\s*"uid"\s*:\s*"([0-9A-Za-z-]{1,64})"`,
);
const OPENING_BYTES = 512;

export function readBody(bytes: Buffer | undefined): Body {
  if (bytes === undefined || bytes.length === 0)
    return malformed('empty', 'the body is empty, expected an AdmissionReview');
  if (!isUtf8(bytes)) return malformed('encoding', 'the body is not UTF-8', bytes);
  const problem = inspect(bytes);
  if (problem?.reason === 'shape') return malformed('shape', problem.message, bytes);
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (problem === undefined) return { ok: true, value };
    return { ok: false, ...problem, uid: uidOf(value) };
  } catch {
    return malformed('syntax', 'the body is not JSON', bytes);
  }
}

export function uidOf(review: unknown): string | undefined {
  return textOf(objectOf(objectOf(review)['request'])['uid']) || undefined;
}

function malformed(reason: MalformedReason, message: string, bytes?: Buffer): Body {
  const opening = bytes === undefined ? null : OPENING.exec(bytes.toString('latin1', 0, OPENING_BYTES));
  return { ok: false, reason, message, uid: opening?.[1] };
}
