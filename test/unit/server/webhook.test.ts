import { describe, expect, it } from 'vitest';
import { ENDPOINTS, type Handle } from '../../../src/admit/handler.ts';
import { allowEverything, reviewText, setUpWebhook, UID, type WebhookSetup } from '../../support/webhook.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

async function post(
  setup: WebhookSetup,
  payload: string | Buffer,
  url = '/change/door?timeout=5s',
  headers: object = JSON_TYPE,
) {
  const webhook = setUpWebhook(setup);
  const response = await webhook.app.inject({ method: 'POST', url, headers: { ...headers }, payload });
  return { ...webhook, response };
}

async function metric(
  webhook: Pick<ReturnType<typeof setUpWebhook>, 'metrics'>,
  name: string,
): Promise<string | undefined> {
  const text = await webhook.metrics.registry.metrics();
  return text
    .split('\n')
    .find((line) => line.startsWith(`countersign_${name} `))
    ?.split(' ')
    .at(-1);
}

const failing: Handle = async () => {
  throw new TypeError('x of undefined');
};

/** Its review contains itself. */
const endless: Handle = async (...call) => {
  const review: Record<string, unknown> = {};
  review['itself'] = review;
  return { ...(await allowEverything(...call)), review };
};

describe('an authenticated call', () => {
  it.each(ENDPOINTS)('to /%s is decided there', async (endpoint) => {
    const { response, log, ...webhook } = await post({}, reviewText(), `/${endpoint}/door`);
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    expect(response.json()).toMatchObject({ kind: 'AdmissionReview', response: { uid: UID, allowed: true } });
    expect(log.entries()).toMatchObject([
      { msg: 'decision', endpoint, verdict: 'allow', request: { uid: UID, sourceAddress: '127.0.0.1' } },
    ]);
    const counted = `admission_requests_total{endpoint="${endpoint}",verdict="allow",moment="none"}`;
    expect(await metric(webhook, counted)).toBe('1');
  });

  it.each([
    [
      '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' },
    ],
    ['00-4bf92f3577b34da6a3ce929d0e0e4736-{"level":"error"}-01', {}],
  ])('with the traceparent %s says so in its line, where it is one', async (traceparent, expected) => {
    const { log } = await post({}, reviewText(), undefined, { ...JSON_TYPE, traceparent });
    const { request } = log.entries()[0] as { readonly request: Readonly<Record<string, unknown>> };

    expect(Object.fromEntries(Object.entries(request).filter(([key]) => /^(trace|span)/.test(key)))).toEqual(
      expected,
    );
  });

  it('gives the decision the time that the API server has left for it', async () => {
    let aborted: boolean | undefined;
    const handle: Handle = async (endpoint, body, { deadline }) => {
      await new Promise((resolve) => deadline.addEventListener('abort', resolve));
      aborted = deadline.aborted;
      return allowEverything(endpoint, body, { deadline });
    };
    const { response } = await post({ handle }, reviewText(), '/change/door?timeout=60ms');
    expect([aborted, response.statusCode]).toEqual([true, 200]);
  });

  it.each([
    ['a uid that cannot be read', { uid: '', responseCode: 400 }, 400],
    ['an answer that is no decision', { responseCode: 503 }, 503],
    ['a denial', { responseCode: 403 }, 200],
  ])('with %s gets HTTP %s', async (_name, record, code) => {
    const handle: Handle = async (...call) => {
      const handled = await allowEverything(...call);
      return { ...handled, record: { ...handled.record, ...record } };
    };
    expect((await post({ handle }, reviewText())).response.statusCode).toBe(code);
  });

  it('that meets a bug fails with the uid, so that the failurePolicy decides', async () => {
    const { response, log, ...webhook } = await post({ handle: failing }, reviewText());
    expect(response.statusCode).toBe(500);
    expect(response.json()).toMatchObject({
      kind: 'AdmissionReview',
      response: { uid: UID, allowed: false, status: { code: 500 } },
    });
    expect(response.body).not.toContain('undefined');
    expect(log.entries()).toMatchObject([
      { level: 'error', error: 'TypeError: x of undefined', request: { uid: UID } },
    ]);
    expect(await metric(webhook, 'bugs_total')).toBe('1');
  });

  it('whose review cannot be written is a bug too', async () => {
    expect((await post({ handle: endless }, reviewText())).response.statusCode).toBe(500);
  });
});

describe('a body that is no review', () => {
  it.each([
    ['empty', '', 400],
    ['not JSON', 'hello', 400],
    ['half JSON', '{"kind":', 400],
    ['nested 100,000 deep', '['.repeat(100_000), 400],
    ['a field named __proto__', '{"__proto__":{"admin":true}}', 400],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400],
    ['larger than 8 MiB', Buffer.alloc(8 * 1024 * 1024 + 1, ' '), 413],
  ])('%s gets a Status and an HTTP error', async (_name, payload, code) => {
    const { response } = await post({}, payload);
    expect(response.statusCode).toBe(code);
    expect(response.json()).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code });
  });

  it.each([
    ['cut off', reviewText('{"a":[').slice(0, -2)],
    ['nested 100,000 deep', reviewText('['.repeat(100_000))],
    ['a field named __proto__', reviewText('{"__proto__":{"admin":true}}')],
  ])('%s, but with its uid, gets a review that refuses', async (_name, payload) => {
    const { response } = await post({}, payload);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({
      kind: 'AdmissionReview',
      response: { uid: UID, allowed: false, status: { code: 400 } },
    });
  });

  it.each([
    ['text/plain', 415],
    ['application/yaml', 415],
    ['application/x-www-form-urlencoded', 415],
    ['', 415],
  ])('with content-type %j gets HTTP %d', async (type, code) => {
    const { response } = await post({}, reviewText(), '/change/door', { 'content-type': type });
    expect(response.statusCode).toBe(code);
    expect(response.json()).toMatchObject({ kind: 'Status', code });
  });

  it('of exactly 8 MiB is read', async () => {
    const empty = reviewText('""').length;
    const payload = reviewText(`"${'x'.repeat(8 * 1024 * 1024 - empty)}"`);
    expect((await post({}, payload)).response.json()).toMatchObject({ response: { allowed: true } });
  });

  it('is counted by its reason and said in the log without a word of it', async () => {
    const { log, ...webhook } = await post({}, 'precious');
    expect(await metric(webhook, 'malformed_bodies_total{reason="syntax"}')).toBe('1');
    expect(log.entries()).toMatchObject([{ level: 'warn', msg: 'malformed body', reason: 'syntax' }]);
    expect(log.lines[0]).not.toContain('precious');
  });
});

describe('a caller that is not known', () => {
  it.each([
    ['POST', '/change/window'],
    ['POST', '/change'],
    ['POST', '/change/'],
    ['POST', '/change/door/'],
    ['POST', '/change/door/more'],
    ['POST', '/Change/door'],
    ['POST', '/grants/door'],
    ['POST', '/'],
    ['GET', '/change/door'],
    ['PUT', '/change/door'],
    ['GET', '/metrics'],
    ['POST', `/change/${'x'.repeat(300)}`],
    ['POST', '/change/%E0%A4%A'],
    ['OPTIONS', '/change/door'],
  ] as const)('%s %s learns nothing', async (method, url) => {
    const { app, log, ...webhook } = setUpWebhook({ handle: () => Promise.reject(new Error('asked')) });
    const response = await app.inject({ method, url, headers: JSON_TYPE, payload: reviewText() });
    expect(response.statusCode).toBe(404);
    expect(response.json()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'NotFound',
      message: 'not found',
      code: 404,
    });
    expect(await metric(webhook, 'unauthenticated_calls_total{cause="path"}')).toBe('1');
    expect(log.lines.join()).not.toContain(UID);
  });

  it('fills no log', async () => {
    const { app, log } = setUpWebhook();
    await Promise.all(
      Array.from({ length: 50 }, () => app.inject({ method: 'POST', url: '/change/window' })),
    );
    expect(log.lines).toHaveLength(1);
  });
});

describe('too much at once', () => {
  it('is turned away before the body is read, with a hint to come again, and taken again later', async () => {
    const held = Promise.withResolvers<void>();
    const { app, ...webhook } = setUpWebhook({
      limits: { requests: 1, bytes: 1000 },
      handle: async (...call) => {
        await held.promise;
        return allowEverything(...call);
      },
    });
    const call = { method: 'POST', url: '/change/door', headers: JSON_TYPE, payload: reviewText() } as const;
    const first = app.inject(call);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const second = await app.inject(call);
    held.resolve();

    expect([second.statusCode, second.headers['retry-after']]).toEqual([429, '1']);
    expect(second.json()).toMatchObject({ kind: 'Status', reason: 'TooManyRequests' });
    expect((await first).statusCode).toBe(200);
    expect((await app.inject(call)).statusCode).toBe(200);
    expect(await metric(webhook, 'shed_calls_total{reason="requests"}')).toBe('1');
  });
});

it('a call that nobody waits for any more is not decided', async () => {
  const { response, ...webhook } = await post({ handle: failing }, reviewText(), '/change/door?timeout=1ns');
  // Whichever comes first, the timer or the body.
  const [late, slow] = await Promise.all([
    metric(webhook, 'shed_calls_total{reason="late"}'),
    metric(webhook, 'malformed_bodies_total{reason="slow"}'),
  ]);
  expect([
    [429, '1', '0'],
    [408, '0', '1'],
  ]).toContainEqual([response.statusCode, late, slow]);
});

it('while it drains, every answer ends its connection', async () => {
  const { app, lifecycle } = setUpWebhook();
  const call = { method: 'POST', url: '/change/door', headers: JSON_TYPE, payload: reviewText() } as const;
  const before = await app.inject(call);
  lifecycle.drain();
  const after = await app.inject(call);
  expect([before.headers['connection'], after.headers['connection'], after.statusCode]).toEqual([
    'keep-alive',
    'close',
    200,
  ]);
});
