import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchBrowser, newPage } from '../../support/browser.ts';
import { pageShop } from '../../support/page-shop.ts';
import { type ServedPage, servePage } from '../../support/review-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => browser?.close());

const follow = ({ origin }: ServedPage, token: string, signal?: AbortSignal) =>
  fetch(`${origin}/api/events`, {
    headers: { authorization: `Bearer ${token}` },
    ...(signal !== undefined && { signal }),
  });

/** Nothing is asked of the API server any more: as often as it was asked in a while, it is asked after a while. */
async function isQuiet(calls: readonly string[]): Promise<void> {
  let before = -1;
  await vi.waitUntil(
    () => {
      const quiet = calls.length === before;
      before = calls.length;
      return quiet;
    },
    { timeout: 20_000, interval: 500 },
  );
}

describe('the stream of changes', () => {
  it('names digests and no contents', async () => {
    const served = await servePage(pageShop('omar').desk);
    const end = new AbortController();
    const { body, headers } = await follow(served, served.keys.redeem(served.keys.link) ?? '', end.signal);
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    end.abort();

    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(first?.value).toMatch(
      /^event: lists\ndata: \{"kind":"lists","denials":"[\w-]{22}","grants":"[\w-]{22}"\}\n\n$/u,
    );
    await served.stop();
  });

  it('is given to twenty pages, until one of them goes', async () => {
    const served = await servePage(pageShop('omar').desk);
    const token = served.keys.redeem(served.keys.link) ?? '';
    const ends = Array.from({ length: 20 }, () => new AbortController());
    await Promise.all(ends.map(({ signal }) => follow(served, token, signal)));

    expect((await follow(served, token)).status).toBe(429);
    ends[0]?.abort();
    await vi.waitUntil(async () => (await follow(served, token)).status === 200, { timeout: 10_000 });
    await served.stop();
  });

  it('ends with the server', async () => {
    const served = await servePage(pageShop('omar').desk);
    const answer = await follow(served, served.keys.redeem(served.keys.link) ?? '');
    await served.stop();

    await expect(answer.text()).resolves.toContain('event: lists');
  });

  it('is not followed by a page that nobody looks at, and again once somebody does', async () => {
    const { desk, kube } = pageShop('omar');
    const served = await servePage(desk);
    const { page, close } = await newPage(browser);
    const look = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${hidden} });
        document.dispatchEvent(new Event('visibilitychange'));`,
      );
    await page.goto(served.link);
    await page.waitForSelector('.live.on');
    await look(true);
    await page.waitForSelector('.live:not(.on)');
    await isQuiet(kube.calls);

    await look(false);
    await page.waitForSelector('.live.on');
    await close();
    await isQuiet(kube.calls);
    await served.stop();
  });
});
