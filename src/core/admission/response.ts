import { REVIEW_VERSION } from './review.ts';

/** AdmissionReview out. What the API server makes of each field: apiserver/pkg/admission/plugin/webhook/errors/statuserror.go. */

export interface Cause {
  /** A code of the closed list of reasons. */
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

type StatusReason =
  | 'BadRequest'
  | 'Forbidden'
  | 'InternalError'
  | 'NotFound'
  | 'RequestEntityTooLarge'
  | 'ServiceUnavailable'
  | 'Timeout'
  | 'TooManyRequests'
  | 'UnsupportedMediaType';

/** By HTTP status (apimachinery/pkg/apis/meta/v1/types.go). */
const REASONS: Readonly<Record<number, StatusReason>> = {
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'Timeout',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  429: 'TooManyRequests',
  431: 'BadRequest',
  503: 'ServiceUnavailable',
};

export interface Refusal {
  /** HTTP status code; below 400 the API server would make it 400. */
  readonly code: number;
  /** `metav1.StatusReason`: what kubectl prints in brackets. */
  readonly reason: StatusReason;
  readonly message: string;
  readonly causes?: readonly Cause[];
}

export interface Remarks {
  readonly warnings?: readonly string[];
  /** Stored in the audit log below the webhook's name. The same key must have the same value in every round. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

export function allowed(uid: string, remarks: Remarks = {}, patch: readonly object[] = []): object {
  const patched = patch.length === 0 ? {} : { patchType: 'JSONPatch', patch: encode(patch) };
  return review({ uid, allowed: true, ...patched, ...remarksOf(remarks) });
}

export function refused(uid: string, refusal: Refusal, remarks: Remarks = {}): object {
  const { code, reason, message, causes = [] } = refusal;
  const details = causes.length === 0 ? {} : { details: { causes } };
  const status = { status: 'Failure', code, reason, message, ...details };
  return review({ uid, allowed: false, status, ...remarksOf(remarks) });
}

/** For a body that is no review: a refusing review where its uid could be read, so that the cause reaches the caller. */
export function answerMalformed(uid: string | undefined, code: number, message: string): object {
  return uid === undefined
    ? statusOf(code, message)
    : refused(uid, { code, reason: reasonFor(code), message });
}

/** For a call that is no admission at all: a `metav1.Status`, which says nothing of what was decided, as nothing was. */
export function statusOf(code: number, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: reasonFor(code), message, code };
}

function reasonFor(code: number): StatusReason {
  return REASONS[code] ?? 'InternalError';
}

function review(response: object): object {
  return { apiVersion: REVIEW_VERSION, kind: 'AdmissionReview', response };
}

function remarksOf({ warnings = [], auditAnnotations = {} }: Remarks): object {
  return {
    ...(warnings.length > 0 && { warnings }),
    ...(Object.keys(auditAnnotations).length > 0 && { auditAnnotations }),
  };
}

function encode(patch: readonly object[]): string {
  return Buffer.from(JSON.stringify(patch), 'utf8').toString('base64');
}
