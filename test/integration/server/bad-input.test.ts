import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler, ENDPOINTS, type Endpoint } from '../../../src/admit/handler.ts';
import { type JsonObject, objectOf } from '../../../src/core/json.ts';
import { admissionOn, reviewOf, worldOf } from '../../support/admission.ts';
import { setUpWebhook } from '../../support/webhook.ts';
import { workloadObject } from '../../support/workload.ts';

/** The whole server with the real decision code: whatever comes, a well-formed answer, and it stays up. */
const { app } = setUpWebhook({ handle: createHandler(admissionOn(worldOf())) });
beforeAll(() => app.ready());
afterAll(() => app.close());

const INJECT = { 'countersign.dev/inject': 'true' };
const review = (object: JsonObject) => JSON.stringify(reviewOf({ object }));
const pod = review(workloadObject({ kind: 'Pod', annotations: INJECT }));
const containers = Array.from({ length: 500 }, (_, at) => ({
  name: `c${at}`,
  image: 'x',
  env: Array.from({ length: 20 }, (__, n) => ({ name: `V${n}`, value: 'x' })),
}));

const BODIES: readonly (readonly [name: string, body: string])[] = [
  ['empty', ''],
  ['white space', '  \n'],
  ['not JSON', '{"request": {'],
  ['a word', 'AdmissionReview'],
  ['null', 'null'],
  ['8 MiB of text', `"${'x'.repeat(8 * 1024 * 1024)}"`],
  ['8 MiB of a review', pod.replace('"app:1"', `"${'x'.repeat(7 * 1024 * 1024)}"`)],
  ['another kind', pod.replace('"AdmissionReview"', '"PodList"')],
  ['v1beta1', pod.replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1')],
  ['no uid', pod.replace('"uid":"u-1",', '')],
  ['a uid that is an object', pod.replace('"uid":"u-1"', '"uid":{}')],
  ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['deep nesting within the object', pod.replace('"app:1"', `${'['.repeat(50_000)}${']'.repeat(50_000)}`)],
  ['__proto__', pod.replace('"uid":"u-1"', '"uid":"u-1","__proto__":{"allowed":true}')],
  ['constructor.prototype', pod.replace('"uid":"u-1"', '"uid":"u-1","constructor":{"prototype":{"x":1}}')],
  ['lone surrogates', pod.replace('"app:1"', '"\\ud800"').replace('"true"', '"\\udfff"')],
  ['control characters', pod.replace('"api"', '"a\\u0000\\u001b[2Jb"')],
  [
    'a pod with 500 containers',
    review(workloadObject({ kind: 'Pod', annotations: INJECT, podSpec: { containers } })),
  ],
  [
    'containers that are no list',
    review(workloadObject({ kind: 'Pod', annotations: INJECT, podSpec: { containers: 'x' } })),
  ],
  [
    'a pod of nulls',
    review(
      JSON.parse('{"kind":"Pod","metadata":{"annotations":{"countersign.dev/inject":null}},"spec":null}'),
    ),
  ],
];

async function post(endpoint: Endpoint, payload: string) {
  return app.inject({
    method: 'POST',
    url: `/${endpoint}/door?timeout=5s`,
    headers: { 'content-type': 'application/json' },
    payload,
  });
}

describe.each(ENDPOINTS)('%s', (endpoint) => {
  it.each(BODIES)('answers %s', async (_, body) => {
    const answer = await post(endpoint, body);
    const parsed = objectOf(answer.json());

    if (parsed['kind'] === 'AdmissionReview') {
      expect(answer.statusCode).toBe(200);
      expect(parsed['response']).toMatchObject({ uid: 'u-1', allowed: expect.any(Boolean) });
    } else {
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(parsed).toMatchObject({
        kind: 'Status',
        status: 'Failure',
        code: answer.statusCode,
        message: expect.any(String),
      });
    }
  });
});

it('is still up after all of them at once', async () => {
  await Promise.all(BODIES.flatMap(([, body]) => ENDPOINTS.map((endpoint) => post(endpoint, body))));

  expect((await post('change', pod)).json()).toMatchObject({ response: { uid: 'u-1' } });
});
