import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageShop } from '../../support/page-shop.ts';
import { type ServedPage, servePage } from '../../support/review-page.ts';

/** What no browser sends, and another program of the machine may. */

let served: ServedPage;
beforeAll(async () => {
  served = await servePage(pageShop('omar').desk);
});
afterAll(() => served.stop());

/** The answer to these very bytes; `HOST` stands for the server's own. */
async function answerTo(request: string): Promise<string> {
  const socket = connect(served.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(request.replaceAll('HOST', `127.0.0.1:${served.port}`));
  return text(socket);
}

const CLOSE = 'Connection: close\r\n\r\n';

describe('bytes on a socket', () => {
  it.each([
    ['the address in full', `GET http://HOST/api/denials HTTP/1.1\r\nHost: HOST\r\n${CLOSE}`, 401],
    ['the address in full, of another', `GET http://x/api/denials HTTP/1.1\r\nHost: HOST\r\n${CLOSE}`, 401],
    ['an escaped address', `GET /%61pi/denials HTTP/1.1\r\nHost: HOST\r\n${CLOSE}`, 401],
    ['no Host', `GET /api/denials HTTP/1.1\r\n${CLOSE}`, 400],
    ['the HTTP of before there was a Host', `GET /api/denials HTTP/1.0\r\n${CLOSE}`, 421],
    ['two Hosts', `GET / HTTP/1.1\r\nHost: evil.example\r\nHost: HOST\r\n${CLOSE}`, 421],
    [
      'two lengths',
      `POST /api/session HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nContent-Length: 2\r\n${CLOSE}`,
      400,
    ],
    ['a proxy’s request', `CONNECT evil.example:443 HTTP/1.1\r\nHost: HOST\r\n${CLOSE}`, 0],
    ['no HTTP', '\u0016\u0003\u0001\u0000\r\n\r\n', 400],
  ])('%s', async (_, request, status) => {
    const answer = await answerTo(request);

    expect(Number(/^HTTP\/1\.1 (\d{3})/u.exec(answer)?.[1] ?? 0)).toBe(status);
    expect(answer).not.toContain('d-7f3k2m4q');
  });
});
