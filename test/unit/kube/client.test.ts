import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKubeClient, type KubeClient, TOO_LARGE } from '../../../src/kube/client.ts';
import { refusalOf } from '../../../src/kube/refusal.ts';
import { body, cut, type FakeKube, silence, startFakeKube, status } from '../../support/fake-kube.ts';
import { createManualClock, type ManualClock, until } from './manual-clock.ts';

const PATH = '/api/v1/namespaces';
let kube: FakeKube;
let clock: ManualClock;
let client: KubeClient;

beforeEach(async () => {
  kube = await startFakeKube();
  clock = createManualClock();
  client = createKubeClient(kube.access, clock);
});

afterEach(() => kube.stop());

describe('createKubeClient', () => {
  it('gets JSON', async () => {
    kube.serve('/version', { major: '1' });

    expect(await client.get('/version', { query: { 'a b': 'c&d' } })).toEqual({ major: '1' });
    expect(kube.requests).toEqual(['GET /version?a+b=c%26d']);
  });

  it('posts, replaces and patches JSON', async () => {
    kube.serve('/x', { ok: true });

    expect(await client.post('/x', { a: 1 })).toEqual({ ok: true });
    expect(await client.put('/x', { a: 1 })).toEqual({ ok: true });
    expect(await client.patch('/x', { a: 1 })).toEqual({ ok: true });
    expect(kube.requests).toEqual(['POST /x', 'PUT /x', 'PATCH /x']);
  });

  it.each([
    [401, 'Unauthorized', 'ERR_KUBE_REFUSED', false],
    [403, 'Forbidden', 'ERR_KUBE_REFUSED', false],
    [404, 'NotFound', 'ERR_KUBE_REFUSED', false],
    [409, 'Conflict', 'ERR_KUBE_REFUSED', false],
    [410, 'Expired', 'ERR_KUBE_GONE', true],
    [429, 'TooManyRequests', 'ERR_KUBE_REFUSED', true],
    [500, 'InternalError', 'ERR_KUBE_REFUSED', true],
  ])('turns the answer %i %s into %s', async (code, reason, want, retryable) => {
    kube.upset('list', PATH, status(code, reason));

    const error: unknown = await client.get(PATH).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: want,
      retryable,
      message: `GET ${PATH}: ${code} ${reason}: ${reason} here`,
    });
    expect(refusalOf(error)).toEqual({ code, reason, message: `${reason} here` });
  });

  it.each([
    ['no JSON', body('<html>'), 'ERR_KUBE_PROTOCOL', 'the answer is not JSON'],
    ['an empty body', body(''), 'ERR_KUBE_PROTOCOL', 'the answer is not JSON'],
    ['a redirect', body('', 302), 'ERR_KUBE_PROTOCOL', 'unexpected answer 302'],
    ['an error that is no Status', body('down', 503), 'ERR_KUBE_REFUSED', '503'],
    ['an error of the wrong shape', body('{"reason":7,"message":[]}', 500), 'ERR_KUBE_REFUSED', '500'],
    ['a cut connection', cut, 'ERR_KUBE_UNREACHABLE', 'socket hang up'],
  ])('names method and path when it meets %s', async (_case, fault, code, what) => {
    kube.upset('list', PATH, fault);

    await expect(client.get(PATH)).rejects.toMatchObject({ code, message: `GET ${PATH}: ${what}` });
  });

  it('reports a cut in the middle of an answer', async () => {
    kube.upset('list', PATH, (response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('{"a":');
      setTimeout(() => response.destroy(), 5);
    });

    await expect(client.get(PATH)).rejects.toMatchObject({ code: 'ERR_KUBE_UNREACHABLE' });
  });

  it('stops reading an answer that is too large', async () => {
    kube.upset('list', PATH, body(JSON.stringify('x'.repeat(1000))));

    await expect(client.get(PATH, { maxBytes: 1001 })).rejects.toMatchObject({
      code: 'ERR_KUBE_PROTOCOL',
      cause: TOO_LARGE,
    });
  });

  it('gives up at its deadline', async () => {
    kube.upset('list', PATH, silence);
    const asked = client.get(PATH, { timeoutSeconds: 3 });
    await until(() => kube.requests.length === 1);

    clock.advance(3000);

    await expect(asked).rejects.toMatchObject({
      code: 'ERR_DEADLINE',
      message: `GET ${PATH}: no answer within 3 s`,
    });
  });

  it('gives up when it is told to', async () => {
    kube.upset('list', PATH, silence);
    const stop = new AbortController();
    const asked = client.get(PATH, { signal: stop.signal });
    await until(() => kube.requests.length === 1);

    stop.abort();

    await expect(asked).rejects.toMatchObject({ code: 'ERR_DEADLINE', message: `GET ${PATH}: given up` });
  });

  it('gives up while the credentials are still awaited', async () => {
    const hanging = createKubeClient({ ...kube.access, connect: () => new Promise(() => undefined) }, clock);
    const asked = hanging.get(PATH);

    clock.advance(30_000);

    await expect(asked).rejects.toMatchObject({ code: 'ERR_DEADLINE' });
  });

  it('leaves no timer behind', async () => {
    await client.get(PATH);

    expect(clock.pending()).toEqual([]);
  });

  it.each([
    '/api/v1/namespaces/../secrets',
    '/api/v1/./namespaces',
    '/api/v1/%2E%2e/x',
    '/api/v1/namespaces/..',
  ])('does not send %s', async (path) => {
    await expect(client.get(path)).rejects.toMatchObject({ code: 'ERR_KUBE_PROTOCOL' });
    expect(kube.requests).toEqual([]);
  });

  it('asks again when an idle connection was closed under it', async () => {
    kube.serve('/version', {});
    await client.get('/version');
    kube.upset('other', '/version', (response) => response.socket?.resetAndDestroy());

    expect(await client.get('/version')).toEqual({});
    expect(kube.requests).toHaveLength(3);
  });

  it('does not repeat a write on its own', async () => {
    kube.serve('/x', {});
    await client.get('/x');
    kube.upset('other', '/x', (response) => response.socket?.resetAndDestroy());

    await expect(client.post('/x', {})).rejects.toMatchObject({ code: 'ERR_KUBE_UNREACHABLE' });
    expect(kube.requests).toEqual(['GET /x', 'POST /x']);
  });

  it('keeps a path that the server stands behind', async () => {
    const behind = createKubeClient(
      { ...kube.access, server: new URL('/clusters/a/', kube.access.server) },
      clock,
    );
    kube.serve('/clusters/a/version', 1);

    expect(await behind.get('/version')).toBe(1);
  });

  it('shows a message of the server on one line, without what a terminal obeys', async () => {
    kube.upset(
      'list',
      PATH,
      body(JSON.stringify({ reason: 'A\nB', message: `red \u001b[31m${'x'.repeat(1000)}` }), 403),
    );

    const error: unknown = await client.get(PATH).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message.length).toBeLessThan(600);
  });
});
