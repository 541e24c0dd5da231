import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { CountersignError } from '../../../../src/core/errors.ts';
import { accessCsv } from '../../../../src/core/report/csv.ts';
import { refused } from '../../../../src/kube/refusal.ts';
import { buildReviewPage, type ReviewPageOptions } from '../../../../src/server/review/app.ts';
import { createPageKeys } from '../../../../src/server/review/keys.ts';
import { ID, JANE, OMAR, type Shop, shopSeenBy, verdictOn, WISH } from '../../../support/desk.ts';
import { REPORT } from '../../../support/page-report.ts';

const HOST = '127.0.0.1:8900';

function open(shop: Shop, options: Partial<ReviewPageOptions> = {}) {
  const keys = createPageKeys();
  const app = buildReviewPage({
    desk: shop.desk,
    namespace: undefined,
    context: 'staging',
    keys,
    files: { html: '<!doctype html>', script: 'run()', style: 'p {}' },
    port: () => 8900,
    report: async () => REPORT,
    csv: accessCsv,
    ...options,
  });
  const authorization = `Bearer ${keys.redeem(keys.link)}`;
  const ask = (
    method: InjectOptions['method'] & string,
    url: string,
    payload?: object | string,
    headers = {},
  ) =>
    app.inject({
      method: method as 'GET',
      url,
      ...(payload !== undefined && { payload }),
      headers: { host: HOST, origin: `http://${HOST}`, authorization, ...headers },
    });
  return { app, ask, keys };
}

describe('the page’s server', () => {
  it.each([
    ['/api/me', { viewer: { username: OMAR }, context: 'staging', proposals: false }],
    ['/api/rights/shop', { readDenials: true, ask: true, decide: true, recheck: true }],
    ['/api/denials', [{ namespace: 'shop', name: ID }]],
    [`/api/denials/shop/${ID}`, { name: ID, status: { count: 3 } }],
    ['/api/grants', [{ name: 'api-1', state: { state: 'Pending' } }]],
    [
      '/api/report',
      { accounts: [{ serviceAccount: 'api' }, { serviceAccount: 'ledger' }, { serviceAccount: 'ci' }] },
    ],
  ])('answers GET %s', async (url, expected) => {
    const response = await open(shopSeenBy(OMAR)).ask('GET', url);

    expect([response.statusCode, response.json()]).toMatchObject([200, expected]);
  });

  it.each(['/', '/denials', `/denials/shop/${ID}`, '/grants', '/grants/shop/api-1', '/report'])(
    'sends the page for %s, which takes no token and holds nothing',
    async (url) => {
      const { app } = open(shopSeenBy(OMAR));
      const response = await app.inject({ url, headers: { host: HOST } });

      expect([response.statusCode, response.body]).toEqual([200, '<!doctype html>']);
    },
  );

  it.each([
    '/api/denials',
    '/%61pi/denials',
    '/api%2fdenials',
    '/api/denials?x=/page.js',
    '/api/denials#/page.js',
    '//api/denials',
    '/./api/denials',
    '/page.js/../api/denials',
    '/API/denials',
    '/nothing',
  ])('gives nothing at %s without the token', async (url) => {
    const { app } = open(shopSeenBy(OMAR));
    const response = await app.inject({ url, headers: { host: HOST } });

    expect([response.statusCode, response.json().code]).toEqual([401, 'ERR_TOKEN']);
  });

  it('asks, decides and rechecks in the viewer’s name', async () => {
    const shop = shopSeenBy(OMAR);
    const { ask } = open(shop);

    const codes = [
      await ask('POST', '/api/grants', { ...WISH, checks: [...WISH.checks] }),
      await ask('POST', '/api/decisions', await verdictOn(shop, 'Reject')),
      await ask('POST', `/api/denials/shop/${ID}/recheck`),
    ].map(({ statusCode }) => statusCode);

    expect(codes).toEqual([201, 201, 200]);
    expect(shop.kube.stored('accessgrants').at(-1)).toMatchObject({
      spec: { requester: OMAR, ticket: 'OPS-1' },
    });
    expect(shop.kube.stored('accessdecisions')).toMatchObject([{ spec: { by: OMAR, decision: 'Reject' } }]);
    expect(shop.kube.calls.at(-1)).toBe(`PATCH /apis/countersign.dev/v1alpha1/namespaces/shop/denials/${ID}`);
  });

  it.each([
    ['one’s own request', async (shop: Shop) => verdictOn(shop, 'Approve'), 409, 'ERR_DESK_REFUSED'],
    [
      'other scopes than were shown',
      async (shop: Shop) => verdictOn(shop, 'Reject', { scopesDigest: 'sha256:0' }),
      409,
      'ERR_DESK_REFUSED',
    ],
    ['no reason', async (shop: Shop) => verdictOn(shop, 'Reject', { reason: '' }), 400, 'ERR_REQUEST'],
    [
      'an endless reason',
      async (shop: Shop) => verdictOn(shop, 'Reject', { reason: 'x'.repeat(2001) }),
      400,
      'ERR_REQUEST',
    ],
    ['a word that is none', async (shop: Shop) => verdictOn(shop, 'Delete' as 'Reject'), 400, 'ERR_REQUEST'],
    [
      'a name that is a path',
      async (shop: Shop) => verdictOn(shop, 'Reject', { grant: '../../secrets' }),
      400,
      'ERR_REQUEST',
    ],
    [
      'more than there is',
      async (shop: Shop) => ({ ...(await verdictOn(shop, 'Reject')), by: 'ada' }),
      400,
      'ERR_REQUEST',
    ],
    ['a list', async () => [], 400, 'ERR_REQUEST'],
    ['no JSON', async () => '{', 400, 'ERR_REQUEST'],
    ['64 kB', async () => JSON.stringify({ reason: 'x'.repeat(65_536) }), 413, 'ERR_REQUEST'],
  ])('refuses a decision with %s', async (_, body, status, code) => {
    const shop = shopSeenBy(JANE);
    const response = await open(shop).ask('POST', '/api/decisions', await body(shop), {
      'content-type': 'application/json',
    });

    expect([response.statusCode, response.json().code]).toEqual([status, code]);
    expect(shop.kube.stored('accessdecisions')).toEqual([]);
  });

  it.each([
    ['GET', '/api/decisions', 404],
    ['PUT', '/api/decisions', 404],
    ['DELETE', '/api/grants/shop/api-1', 404],
    ['GET', `/api/denials/shop/${ID}/recheck`, 404],
    ['OPTIONS', '/api/decisions', 404],
    ['HEAD', '/api/denials', 404],
    ['GET', '/api/denials/shop/..%2f..%2fsecrets', 400],
    ['GET', '/api/denials/shop/d-00000000', 404],
    ['GET', '/api/nothing', 404],
    ['GET', '/%', 400],
    ['GET', '/../etc/passwd', 404],
  ] as const)('has nothing for %s %s', async (method, url, status) => {
    const response = await open(shopSeenBy(OMAR)).ask(method, url);

    expect(response.statusCode).toBe(status);
  });

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
  ])('takes no body of type %s, which a form could send', async (type, status) => {
    const response = await open(shopSeenBy(OMAR)).ask('POST', '/api/decisions', '{}', {
      'content-type': type,
    });

    expect(response.statusCode).toBe(status);
  });

  it.each(['/', '/page.js', '/api/me', '/api/nothing', '/api/report.csv', '/%'])(
    'tells browsers to be strict, with %s',
    async (url) => {
      const { headers } = await open(shopSeenBy(OMAR)).ask('GET', url);

      expect(headers).toMatchObject({
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'/u,
        ),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    },
  );

  it('gives the token for the link, once', async () => {
    const keys = createPageKeys();
    const { app } = open(shopSeenBy(OMAR), { keys });
    // `open` has used that of its own keys, and not that of these.
    const redeem = (link: string, origin = `http://${HOST}`) =>
      app.inject({ method: 'POST', url: '/api/session', payload: { link }, headers: { host: HOST, origin } });

    const refusals = [await redeem('wrong'), await redeem(keys.link, 'https://evil.example')];
    const given = await redeem(keys.link);
    const again = await redeem(keys.link);

    expect(refusals.map(({ statusCode }) => statusCode)).toEqual([401, 403]);
    expect([given.statusCode, keys.isToken(given.json().token)]).toEqual([200, true]);
    expect([again.statusCode, again.json().code]).toEqual([401, 'ERR_TOKEN']);
  });

  it.each([
    [
      'what the API server forbids',
      refused('GET /x', { code: 403, reason: 'Forbidden', message: 'no' }),
      403,
      'ERR_KUBE_REFUSED',
    ],
    [
      'someone whom the API server does not know',
      refused('GET /x', { code: 401, reason: 'Unauthorized', message: '' }),
      502,
      'ERR_KUBE_REFUSED',
    ],
    [
      'an API server that is gone',
      new CountersignError('ERR_KUBE_UNREACHABLE', 'GET /x: refused'),
      502,
      'ERR_KUBE_UNREACHABLE',
    ],
    ['one that is slow', new CountersignError('ERR_DEADLINE', 'GET /x: late'), 504, 'ERR_DEADLINE'],
    ['a bug', new TypeError('token=secret'), 500, 'ERR_INTERNAL'],
  ])('says so of %s', async (_, error, status, code) => {
    const { desk, kube } = shopSeenBy(OMAR);
    const bugs: unknown[] = [];
    const shop = { kube, desk: { ...desk, denials: () => Promise.reject(error) } };
    const response = await open(shop, { onBug: (bug) => bugs.push(bug) }).ask('GET', '/api/denials');

    expect([response.statusCode, response.json().code]).toEqual([status, code]);
    expect(response.body).not.toContain('secret');
    expect(bugs).toEqual(code === 'ERR_INTERNAL' ? [error] : []);
  });
});
