import { isObject, listOf, objectOf, textOf, textsOf } from '../json.ts';

/** AdmissionReview in, total on any JSON. Shape: k8s.io/api/admission/v1/types.go. */

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: Operation;
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
  readonly subResource: string;
  readonly namespace: string;
  readonly name: string;
  readonly requester: Requester;
  readonly dryRun: boolean;
  readonly object: unknown;
  readonly oldObject: unknown;
}

export interface Requester {
  readonly username: string;
  readonly groups: readonly string[];
}

export type ReadReview =
  | { readonly ok: true; readonly request: AdmissionRequest }
  | { readonly ok: false; readonly uid: string | undefined; readonly message: string };

export const REVIEW_VERSION = 'admission.k8s.io/v1';

const OPERATIONS: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

/** All that is wrong is said at once; the uid is given wherever it can be read. */
export function readReview(body: unknown): ReadReview {
  const review = objectOf(body);
  const request = objectOf(review['request']);
  const uid = textOf(request['uid']);
  const problems = problemsOf(body, review, request);
  const operation = OPERATIONS.find((known) => known === request['operation']);
  if (uid === undefined || operation === undefined || problems.length > 0) {
    return { ok: false, uid: uid === '' ? undefined : uid, message: problems.join('; ') };
  }
  const user = objectOf(request['userInfo']);
  const kind = objectOf(request['kind']);
  return {
    ok: true,
    request: {
      uid,
      operation,
      group: textOf(kind['group']) ?? '',
      kind: textOf(kind['kind']) ?? '',
      resource: textOf(objectOf(request['resource'])['resource']) ?? '',
      subResource: textOf(request['subResource']) ?? '',
      namespace: textOf(request['namespace']) ?? '',
      name: textOf(request['name']) ?? '',
      requester: { username: textOf(user['username']) ?? '', groups: textsOf(listOf(user['groups'])) },
      dryRun: request['dryRun'] === true,
      object: request['object'],
      oldObject: request['oldObject'],
    },
  };
}

function problemsOf(body: unknown, review: Fields, request: Fields): readonly string[] {
  if (!isObject(body)) return ['expected an AdmissionReview object'];
  const problems: string[] = [];
  if (review['kind'] !== 'AdmissionReview') problems.push('kind: expected AdmissionReview');
  if (review['apiVersion'] !== REVIEW_VERSION) problems.push(`apiVersion: expected ${REVIEW_VERSION}`);
  if (!isObject(review['request'])) return [...problems, 'request: expected an object'];
  if (!textOf(request['uid'])) problems.push('request.uid: expected a non-empty string');
  if (!OPERATIONS.some((known) => known === request['operation'])) {
    problems.push(`request.operation: expected one of ${OPERATIONS.join(', ')}`);
  }
  if (!textOf(objectOf(request['kind'])['kind']))
    problems.push('request.kind.kind: expected a non-empty string');
  return problems;
}

type Fields = Readonly<Record<string, unknown>>;
