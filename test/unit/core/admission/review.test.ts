import { describe, expect, it } from 'vitest';
import { allowed, answerMalformed, refused } from '../../../../src/core/admission/response.ts';
import { readReview } from '../../../../src/core/admission/review.ts';

const REQUEST = {
  uid: 'u-1',
  kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
  resource: { group: 'apps', version: 'v1', resource: 'deployments' },
  namespace: 'shop',
  name: 'api',
  operation: 'CREATE',
  userInfo: { username: 'jane', groups: ['dev', 7] },
  object: { kind: 'Deployment' },
  dryRun: true,
};

function body(request: unknown = REQUEST): object {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
}

describe('reading a review', () => {
  it('takes what a decision needs', () => {
    expect(readReview(body())).toEqual({
      ok: true,
      request: {
        ...{
          uid: 'u-1',
          operation: 'CREATE',
          group: 'apps',
          kind: 'Deployment',
          resource: 'deployments',
          subResource: '',
        },
        ...{ namespace: 'shop', name: 'api', requester: { username: 'jane', groups: ['dev'] }, dryRun: true },
        ...{ object: { kind: 'Deployment' }, oldObject: undefined },
      },
    });
  });

  it('takes absent fields for empty ones', () => {
    const minimal = { uid: 'u', operation: 'DELETE', kind: { kind: 'Pod' } };

    expect(readReview(body(minimal))).toEqual({
      ok: true,
      request: {
        ...minimal,
        ...{ group: '', kind: 'Pod', resource: '', subResource: '', namespace: '', name: '' },
        ...{
          requester: { username: '', groups: [] },
          dryRun: false,
          object: undefined,
          oldObject: undefined,
        },
      },
    });
  });

  it('takes the object as it was, and what of an object it is about', () => {
    const request = { ...REQUEST, operation: 'UPDATE', subResource: 'status', oldObject: { kind: 'Pod' } };

    expect(readReview(body(request))).toMatchObject({
      ok: true,
      request: { operation: 'UPDATE', subResource: 'status', oldObject: { kind: 'Pod' } },
    });
  });

  it.each(['CREATE', 'UPDATE', 'DELETE', 'CONNECT'])('knows the operation %s', (operation) => {
    expect(readReview(body({ ...REQUEST, operation }))).toMatchObject({ ok: true, request: { operation } });
  });

  it('takes a dry run only at its word', () => {
    expect(readReview(body({ ...REQUEST, dryRun: 'true' }))).toMatchObject({ request: { dryRun: false } });
  });

  it.each<[string, unknown, string | undefined, string]>([
    ['null', null, undefined, 'expected an AdmissionReview object'],
    ['a list', [], undefined, 'expected an AdmissionReview object'],
    ['text', 'AdmissionReview', undefined, 'expected an AdmissionReview object'],
    ['another kind', { ...body(), kind: 'Pod' }, 'u-1', 'kind: expected AdmissionReview'],
    [
      'v1beta1',
      { ...body(), apiVersion: 'admission.k8s.io/v1beta1' },
      'u-1',
      'apiVersion: expected admission.k8s.io/v1',
    ],
    ['no request', { ...body(), request: undefined }, undefined, 'request: expected an object'],
    ['no uid', body({ ...REQUEST, uid: undefined }), undefined, 'request.uid: expected a non-empty string'],
    ['an empty uid', body({ ...REQUEST, uid: '' }), undefined, 'request.uid: expected a non-empty string'],
    [
      'a uid that is no string',
      body({ ...REQUEST, uid: 7 }),
      undefined,
      'request.uid: expected a non-empty string',
    ],
    [
      'an unknown operation',
      body({ ...REQUEST, operation: 'PATCH' }),
      'u-1',
      'request.operation: expected one of CREATE, UPDATE, DELETE, CONNECT',
    ],
    ['no kind', body({ ...REQUEST, kind: 'Pod' }), 'u-1', 'request.kind.kind: expected a non-empty string'],
    [
      'everything at once',
      { kind: 'X', request: { uid: 'u-9' } },
      'u-9',
      'kind: expected AdmissionReview; apiVersion: expected admission.k8s.io/v1; request.operation: expected one of CREATE, UPDATE, DELETE, CONNECT; request.kind.kind: expected a non-empty string',
    ],
  ])('refuses %s', (_, input, uid, message) => {
    const read = readReview(input);

    expect(read).toEqual({ ok: false, uid, message });
  });

  it('is not fooled by keys of every object', () => {
    expect(readReview(JSON.parse('{"__proto__": {"request": {"uid": "u"}}}'))).toMatchObject({
      ok: false,
      uid: undefined,
    });
  });
});

describe('answers', () => {
  it('allow with patch, warnings and audit annotations only where there are any', () => {
    expect(allowed('u')).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'u', allowed: true },
    });
    expect(
      allowed('u', { warnings: ['w'], auditAnnotations: { a: 'b' } }, [
        { op: 'add', path: '/x', value: 'ü' },
      ]),
    ).toMatchObject({
      response: {
        patchType: 'JSONPatch',
        patch: btoa('[{"op":"add","path":"/x","value":"Ã¼"}]'),
        warnings: ['w'],
        auditAnnotations: { a: 'b' },
      },
    });
  });

  it('refuse with a Status that kubectl can print', () => {
    expect(
      refused('u', {
        code: 403,
        reason: 'Forbidden',
        message: 'no',
        causes: [{ reason: 'Missing', message: 'm' }],
      }),
    ).toMatchObject({
      response: {
        uid: 'u',
        allowed: false,
        status: {
          status: 'Failure',
          code: 403,
          reason: 'Forbidden',
          message: 'no',
          details: { causes: [{ reason: 'Missing', message: 'm' }] },
        },
      },
    });
  });

  it('refuse without details where there are no causes', () => {
    expect(refused('u', { code: 403, reason: 'Forbidden', message: 'no' })).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: {
        uid: 'u',
        allowed: false,
        status: { status: 'Failure', code: 403, reason: 'Forbidden', message: 'no' },
      },
    });
  });

  it.each([
    [400, 'BadRequest'],
    [403, 'Forbidden'],
    [404, 'NotFound'],
    [408, 'Timeout'],
    [413, 'RequestEntityTooLarge'],
    [415, 'UnsupportedMediaType'],
    [429, 'TooManyRequests'],
    [431, 'BadRequest'],
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
    [504, 'InternalError'],
  ])(
    'give %i the reason %s, in a review where there is a uid and bare where there is none',
    (code, reason) => {
      const status = { status: 'Failure', code, reason, message: 'm' };

      expect(answerMalformed('u', code, 'm')).toMatchObject({
        kind: 'AdmissionReview',
        response: { uid: 'u', allowed: false, status },
      });
      expect(answerMalformed(undefined, code, 'm')).toEqual({ apiVersion: 'v1', kind: 'Status', ...status });
    },
  );
});
