import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NOTICE_EVENTS, type Notice, noticeId } from '../../../src/core/notice.ts';
import { createNotifier, type Notifier, type Receiver } from '../../../src/notify/notifier.ts';
import { signature } from '../../../src/notify/signature.ts';
import { createCa, type TestCa } from '../../support/tls.ts';
import { createManualClock, type ManualClock, until } from '../../unit/kube/manual-clock.ts';

/** A receiver as there are many: real TLS, and every way to misbehave. */

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Answer = (response: ServerResponse) => void;

const KEY = new Uint8Array(32).fill(7);
const NOW_MS = Date.UTC(2026, 0, 31, 12);
const answer =
  (code: number, headers: Readonly<Record<string, string>> = {}, body = ''): Answer =>
  (response) =>
    void response.writeHead(code, headers).end(body);

let ca: TestCa;
let server: ReturnType<typeof createServer>;
let port: number;
let got: Got[];
let answers: Answer[];
let clock: ManualClock;
let outcomes: string[];
let troubles: string[];
let stop: AbortController;
let running: Promise<void>;

beforeAll(async () => {
  ca = await createCa();
});

beforeEach(async () => {
  [got, answers, outcomes, troubles] = [[], [], [], []];
  clock = createManualClock();
  stop = new AbortController();
  running = Promise.resolve();
  server = createServer(await ca.issue(), (request, response) => void receive(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  stop.abort();
  let isOver = false;
  void running.finally(() => (isOver = true));
  await until(() => {
    clock.advance(2000);
    return isOver;
  });
  server.closeAllConnections();
  server.close();
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
  got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
  (answers.shift() ?? answer(204))(response);
}

function start(more: Partial<Receiver> = {}): Notifier {
  const receiver: Receiver = {
    name: 'chat',
    url: new URL(`https://127.0.0.1:${port}/in?team=a`),
    ca: ca.pem,
    events: NOTICE_EVENTS,
    headers: {},
    timeoutSeconds: 10,
    key: async () => KEY,
    ...more,
  };
  const notifier = createNotifier([receiver], {
    clock,
    nowMs: () => NOW_MS + clock.now(),
    random: () => 0.5,
    onOutcome: (name, outcome) => void outcomes.push(`${name} ${outcome}`),
    onTrouble: (_, why) => void troubles.push(why),
  });
  running = notifier.run(stop.signal);
  return notifier;
}

function notice(uid = 'g-1', more: Partial<Notice> = {}): Notice {
  return { event: 'GrantApproved', uid, namespace: 'shop', text: 'approved', fields: {}, ...more };
}

const ended = (count = 1) => until(() => outcomes.length === count);
/** Until it waits for the next attempt; then that comes. */
async function after(milliseconds: number): Promise<void> {
  await until(() => clock.pending().includes(milliseconds));
  clock.advance(milliseconds);
}

describe('a notice', () => {
  it('is a signed POST that says what it is', async () => {
    start({ headers: { 'X-Team': 'a', 'Content-Type': 'text/html', 'Countersign-Event': 'forged' } }).notify(
      notice(),
    );
    await ended();

    const [{ headers, body } = { headers: {}, body: '' }] = got;
    expect(JSON.parse(body)).toMatchObject({ version: 1, event: 'GrantApproved', text: 'approved' });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'countersign-notice': noticeId(notice()),
      'countersign-event': 'GrantApproved',
      'countersign-signature': signature(KEY, NOW_MS / 1000, body),
      'x-team': 'a',
    });
    expect(outcomes).toEqual(['chat sent']);
  });

  it('is not sent where nobody asked for its event', async () => {
    const notifier = start({ events: ['Alarm'] });
    notifier.notify(notice());
    notifier.notify(notice('p-1', { event: 'Alarm' }));
    await ended();

    expect(got.map(({ headers }) => headers['countersign-event'])).toEqual(['Alarm']);
  });

  it('that is told twice while it waits is sent once', async () => {
    const notifier = start();
    notifier.notify(notice());
    notifier.notify(notice());
    notifier.notify(notice('g-2'));
    await ended(2);

    expect(got).toHaveLength(2);
  });

  it.each<[string, Answer]>([
    ['500', answer(500)],
    ['429', answer(429)],
    ['a connection that is cut', (response) => response.destroy()],
  ])('comes again after %s, signed anew, until it is taken', async (_, fault) => {
    answers = [fault, fault];
    start().notify(notice());
    await after(1000);
    await after(2000);
    await ended();

    expect(got.map(({ headers }) => headers['countersign-signature']?.slice(0, 12))).toEqual([
      't=1769860800',
      't=1769860801',
      't=1769860803',
    ]);
    expect(new Set(got.map(({ headers }) => headers['countersign-notice'])).size).toBe(1);
    expect([outcomes, troubles]).toEqual([['chat sent'], []]);
  });

  it('waits as long as the receiver asks for, within an hour', async () => {
    const date = { date: 'Sat, 31 Jan 2026 12:00:00 GMT', 'retry-after': 'Sat, 31 Jan 2026 12:00:30 GMT' };
    answers = [
      answer(429, { 'retry-after': '120' }),
      answer(503, date),
      answer(503, { 'retry-after': '999999' }),
    ];
    start().notify(notice());
    await after(120_000);
    await after(30_000);
    await after(3_600_000);
    await ended();

    expect(outcomes).toEqual(['chat sent']);
  });

  it.each([400, 401, 403, 404, 410, 422])('is given up at once after %i', async (code) => {
    answers = [answer(code)];
    const notifier = start();
    notifier.notify(notice('g-1'));
    notifier.notify(notice('g-2'));
    await ended(2);

    expect(outcomes).toEqual(['chat refused', 'chat sent']);
    expect(troubles).toEqual([`answer ${code}`]);
  });

  it('never follows a redirect', async () => {
    answers = [answer(307, { location: `https://127.0.0.1:${port}/elsewhere` })];
    start().notify(notice());
    await ended();

    expect(got).toHaveLength(1);
    expect([outcomes, troubles]).toEqual([['chat refused'], ['answer 307']]);
  });

  it('is tried again when the receiver hangs', async () => {
    answers = [() => undefined];
    start().notify(notice());
    await until(() => got.length === 1);
    clock.advance(10_000);
    await after(1000);
    await ended();

    expect([got.length, outcomes]).toEqual([2, ['chat sent']]);
  });

  it.each<[string, Answer]>([
    ['never ends', (response) => void response.writeHead(200).write('slow')],
    ['is large', (response) => void response.writeHead(200).end('x'.repeat(50_000_000))],
  ])('is taken whatever is behind the status: a body that %s', async (_, said) => {
    answers = [said];
    const notifier = start();
    notifier.notify(notice('g-1'));
    notifier.notify(notice('g-2'));
    await ended(2);

    expect(outcomes).toEqual(['chat sent', 'chat sent']);
  });

  it('is given up after eight attempts, and the next one follows', async () => {
    answers = Array.from({ length: 8 }, () => answer(500));
    const notifier = start();
    notifier.notify(notice('g-1'));
    notifier.notify(notice('g-2'));
    for (const wait of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) await after(wait);
    await ended(2);

    expect([outcomes, troubles]).toEqual([['chat failed', 'chat sent'], ['answer 500']]);
  });

  it('goes to nobody whose certificate is not of the CA', async () => {
    const other = await createCa('another');
    start({ ca: other.pem }).notify(notice());
    await until(() => clock.pending().includes(1000));

    expect(got).toEqual([]);
  });

  it('waits for a key that cannot be read, and is signed with the newest', async () => {
    let reads = 0;
    const key = async () => {
      reads += 1;
      if (reads === 1) throw new Error('gone');
      return new Uint8Array(32).fill(9);
    };
    start({ key }).notify(notice());
    await after(1000);
    await ended();

    const [{ headers, body } = { headers: {}, body: '' }] = got;
    expect(headers['countersign-signature']).toBe(
      signature(new Uint8Array(32).fill(9), NOW_MS / 1000 + 1, body),
    );
  });

  it('of too many is dropped, counted and said once', async () => {
    answers = [() => undefined];
    const notifier = start();
    for (let at = 0; at < 1100; at += 1) notifier.notify(notice(`g-${at}`));

    expect(outcomes).toEqual(Array.from({ length: 100 }, () => 'chat overflow'));
    expect(troubles).toEqual(['too many notices wait']);
  });

  it('that waits at the end is sent before it, or counted', async () => {
    answers = [answer(204), () => undefined];
    const notifier = start();
    stop.abort();
    for (const uid of ['g-1', 'g-2', 'g-3']) notifier.notify(notice(uid));
    await until(() => got.length === 2);
    clock.advance(2000);
    await running;

    expect(outcomes).toEqual(['chat sent', 'chat stopped', 'chat stopped']);
  });

  it('crosses no network in the clear, but may stay on the machine', async () => {
    const plain = createHttpServer((request, response) => void receive(request, response));
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const url = new URL(`http://127.0.0.1:${(plain.address() as AddressInfo).port}/`);
    start({ url, ca: undefined }).notify(notice());
    await ended();
    plain.closeAllConnections();
    plain.close();

    expect(outcomes).toEqual(['chat sent']);
  });
});
