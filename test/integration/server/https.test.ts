import { once } from 'node:events';
import { Agent, type RequestOptions, request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../../src/server/listen.ts';
import { createCa, type TestCa, type TestPair } from '../../support/tls.ts';
import { allowEverything, reviewText, setUpWebhook, UID } from '../../support/webhook.ts';

const MIB = 1024 * 1024;
let ca: TestCa;
let pair: TestPair;
let webhook: ReturnType<typeof setUpWebhook>;
let port: number;

beforeAll(async () => {
  ca = await createCa();
  pair = await ca.issue();
  webhook = setUpWebhook({
    tls: pair,
    handle: async (endpoint, body, context) => {
      if (endpoint === 'reschedule') await once(context.deadline, 'abort');
      return allowEverything(endpoint, body, context);
    },
  });
  port = await listen(webhook.app, { host: '127.0.0.1', port: 0 });
});

afterAll(() => webhook.app.close());

async function call(body: string | Buffer, { path = '/change/door', ...options }: RequestOptions = {}) {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sent = request({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path,
    ca: ca.pem,
    agent: false,
    headers,
    ...options,
  });
  sent.on('error', () => undefined);
  sent.end(body);
  const [response] = await once(sent, 'response');
  return {
    status: response.statusCode as number,
    headers: response.headers,
    body: JSON.parse(await text(response)),
  };
}

async function open(): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca: ca.pem });
  await once(socket, 'secureConnect');
  return socket;
}

describe('over real sockets', () => {
  it('calls share a connection, which stays open for longer than Go keeps it', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const connections: number[] = [];
    webhook.app.server.on('secureConnection', () => connections.push(1));
    for (let count = 0; count < 3; count += 1) {
      const { status, headers } = await call(reviewText(), { agent });
      expect([status, headers['keep-alive']]).toEqual([200, 'timeout=120']);
    }
    agent.destroy();
    expect(connections).toHaveLength(1);
  });

  it('a connection that is not used yet is as welcome as an idle one', () => {
    const { keepAliveTimeout, headersTimeout, requestTimeout } = webhook.app.server;
    for (const milliseconds of [keepAliveTimeout, headersTimeout, requestTimeout])
      expect(milliseconds).toBeGreaterThan(90_000);
  });

  it('a decision that uses its whole time still arrives before the API server gives up', async () => {
    const begin = performance.now();
    const { status } = await call(reviewText(), { path: '/reschedule/door?timeout=1s' });
    expect(status).toBe(200);
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  it('a body of 8 MiB is read, with and without a length', async () => {
    const body = reviewText(JSON.stringify('x'.repeat(8 * MIB - 1000)));
    const chunked = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    expect((await call(body)).body.response).toEqual({ uid: UID, allowed: true });
    expect((await call(body, { headers: chunked })).body.response).toEqual({ uid: UID, allowed: true });
  });

  it('a body beyond 8 MiB without a length is refused when the limit is reached', async () => {
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const { status, body } = await call('x'.repeat(9 * MIB), { headers });
    expect([status, body.kind]).toEqual([413, 'Status']);
  });

  it('a body that does not come is refused within the time of the call', async () => {
    const socket = await open();
    socket.write(
      'POST /change/door?timeout=200ms HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    );
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*"kind":"Status"/s);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    [
      'two lengths',
      'POST /change/door HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      400,
    ],
    [
      'a length and chunks',
      'POST /change/door HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx',
      400,
    ],
    ['endless headers', `POST /change/door HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('%s gets a Status and the end of the connection', async (_name, bytes, code) => {
    const socket = await open();
    socket.write(bytes);
    const answer = await text(socket);
    expect(answer).toContain(`HTTP/1.1 ${code} `);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ kind: 'Status', code });
  });

  it('a call in plain HTTP is hung up on', async () => {
    const socket = connectPlain({ host: '127.0.0.1', port });
    socket.write('POST /change/door HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await text(socket)).toBe('');
  });

  it('one hundred bad bodies at once are all answered, and it is still there', async () => {
    const bodies = [
      '',
      'hello',
      '{"a":',
      '['.repeat(MIB),
      '{"__proto__":1}',
      'x'.repeat(8 * MIB),
      reviewText('[{'.repeat(1000)),
    ];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => call(bodies[index % bodies.length] ?? '')),
    );
    for (const { status, body } of answers) {
      expect([200, 400, 429]).toContain(status);
      expect(body.kind).toBe(status === 200 ? 'AdmissionReview' : 'Status');
    }
    expect((await call(reviewText())).status).toBe(200);
    expect(webhook.gate.inFlight).toBe(0);
  });

  it('callers that hang up leave nothing behind', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, open));
    for (const socket of sockets) {
      socket.write(
        'POST /change/door?timeout=30s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
      );
    }
    await expect.poll(() => webhook.gate.inFlight).toBe(20);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => webhook.gate.inFlight).toBe(0);
  });
});

it('a port that is taken is an error that names it', async () => {
  const other = setUpWebhook({ tls: pair });
  await expect(listen(other.app, { host: '127.0.0.1', port })).rejects.toThrow(
    `cannot listen on 127.0.0.1:${port}: EADDRINUSE`,
  );
});
