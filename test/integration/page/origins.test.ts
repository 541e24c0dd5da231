import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPage } from '../../support/browser.ts';
import { type PageShop, pageShop } from '../../support/page-shop.ts';
import { type ServedPage, servePage } from '../../support/review-page.ts';

/** What a real browser lets a page of another origin do to the server: it runs while the viewer's own page is open. */

let browser: Browser;
let served: ServedPage;
let shop: PageShop;
let evil: Server;
let evilPort: number;

beforeAll(async () => {
  shop = pageShop('omar');
  served = await servePage(shop.desk);
  evil = createServer(
    (_, answer) => void answer.setHeader('content-type', 'text/html').end('<title>evil</title>'),
  );
  await new Promise<void>((done) => void evil.listen(0, '127.0.0.1', done));
  evilPort = (evil.address() as AddressInfo).port;
  // Every name is this machine: that is what an attacker's DNS would say.
  browser = await launchBrowser(['--host-resolver-rules=MAP *.example 127.0.0.1']);
});
afterAll(async () => {
  await browser?.close();
  await served?.stop();
  evil?.close();
});

/** In the viewer's browser, from a page of that origin. */
async function from(origin: string, script: string): Promise<unknown> {
  const { page, context, close } = await newPage(browser);
  await page.goto(served.link.replace(/#.*/u, ''));
  const other = await context.newPage();
  await other.goto(origin);
  try {
    return await other.evaluate(script);
  } finally {
    await close();
  }
}

const written = () => [
  ...shop.kube.stored('accessdecisions'),
  ...shop.kube.calls.filter((call) => /^(?:POST|PATCH) .*countersign/u.test(call)),
];
const call = (path: string, init: string) =>
  `fetch('${served.origin}${path}', ${init}).then((answer) => answer.type + ' ' + answer.status, () => 'blocked')`;

describe('a page of another origin', () => {
  it.each<[string, string, string]>([
    ['reads nothing', '/api/denials', '{}'],
    ['nor with a guessed token', '/api/denials', "{ headers: { authorization: 'Bearer x' } }"],
    ['writes nothing', '/api/decisions', "{ method: 'POST', body: '{}' }"],
    [
      'nor as JSON',
      '/api/decisions',
      "{ method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }",
    ],
    ['does not even learn that the page is there', '/', '{}'],
  ])('%s', async (_, path, init) => {
    for (const origin of [`http://evil.example:${evilPort}`, `http://127.0.0.1:${evilPort}`]) {
      expect(await from(origin, call(path, init))).toBe('blocked');
    }
    expect(written()).toEqual([]);
  });

  it('sends without reading, and is not heard', async () => {
    const answer = await from(
      `http://127.0.0.1:${evilPort}`,
      call('/api/decisions', "{ method: 'POST', mode: 'no-cors', body: '{}' }"),
    );

    // Opaque, or withheld by the resource policy: it learns nothing either way.
    expect(['opaque 0', 'blocked']).toContain(answer);
    expect(written()).toEqual([]);
  });

  it('can’t put the page into a frame', async () => {
    const script = `new Promise((done) => {
      const frame = document.createElement('iframe');
      frame.onload = () => { try { done(frame.contentDocument === null ? 'nothing to see' : 'seen'); } catch { done('nothing to see'); } };
      frame.src = '${served.origin}/';
      document.body.append(frame);
    })`;

    expect(await from(`http://127.0.0.1:${evilPort}`, script)).toBe('nothing to see');
  });

  it('under a name that was rebound to this machine is turned away', async () => {
    const { page, close } = await newPage(browser);
    const answer = await page.goto(`http://rebound.example:${served.port}/`);
    expect([answer?.status(), await answer?.json()]).toMatchObject([421, { code: 'ERR_HOST' }]);
    expect(await page.evaluate("fetch('/api/denials').then((answer) => answer.status)")).toBe(421);
    await close();
  });
});
