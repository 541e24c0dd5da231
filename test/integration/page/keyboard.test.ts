import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPage, shoot } from '../../support/browser.ts';
import { denialObject, ID, IN_SHOP } from '../../support/desk.ts';
import { ago, type PageShop, pageShop } from '../../support/page-shop.ts';
import { servePage } from '../../support/review-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => browser?.close());

async function opened(use: (page: Page, shop: PageShop) => Promise<void>, width = 1280): Promise<void> {
  const shop = pageShop('omar');
  const served = await servePage(shop.desk);
  const { page, complaints, close } = await newPage(browser, { width });
  try {
    await page.goto(served.link);
    await page.waitForSelector('.row');
    await page.waitForSelector('.live.on');
    await use(page, shop);
    expect(complaints).toEqual([]);
  } finally {
    await close();
    await served.stop();
  }
}

const focused = (page: Page) =>
  page.evaluate(
    '(document.activeElement.getAttribute("data-row") ?? document.activeElement.textContent).trim()',
  );

/** Presses Tab until the focus is there: whoever can't see where a pointer goes has no other way. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) === name) return;
  }
  throw new Error(`Tab does not come to ${name}`);
}

describe('with the keyboard alone', () => {
  it('a waiver is approved by single keys', () =>
    opened(async (page, { kube }) => {
      const { keyboard } = page;
      await keyboard.press('j');
      expect(await focused(page)).toBe(`shop/${ID}`);
      await keyboard.press('j');
      await keyboard.press('k');
      await keyboard.press('Enter');
      await page.waitForSelector('.card button.main');
      expect(await focused(page)).toContain('shop/api');
      await keyboard.press('a');
      await page.waitForSelector('dialog[open]');
      await shoot(page, 'keyboard');
      await tabTo(page, '');
      await keyboard.type('ok for an hour: a');
      await tabTo(page, 'Approve');
      await keyboard.press('Enter');
      await page.waitForSelector('.said >> text=Approved');
      await page.waitForSelector('.card .left');
      expect(kube.stored('accessdecisions')).toMatchObject([
        { spec: { by: 'omar', decision: 'Approve', reason: 'ok for an hour: a' } },
      ]);
      await keyboard.press('Escape');
      await page.waitForSelector('text=Nothing is open');
      expect(await focused(page)).toBe(`shop/${ID}`);
    }));

  it('and by Tab, Enter and Escape, when single keys are off', () =>
    opened(async (page, { kube }) => {
      const { keyboard } = page;
      await keyboard.press('?');
      await page.uncheck('dialog input[type=checkbox]');
      await keyboard.press('Escape');
      await keyboard.press('j');
      await keyboard.press('?');
      expect(await page.locator('dialog[open]').count()).toBe(0);
      await tabTo(page, `shop/${ID}`);
      await keyboard.press('Enter');
      await page.waitForSelector('.card button.danger');
      await tabTo(page, 'Reject …');
      await keyboard.press('Enter');
      await page.waitForSelector('dialog[open]');
      await tabTo(page, 'Reject');
      await keyboard.press('Enter');
      await page.waitForSelector('text=A reason is needed');
      expect(await page.evaluate('document.activeElement.id')).toBe('reason');
      await keyboard.type('not for secrets');
      await tabTo(page, 'Reject');
      await keyboard.press('Enter');
      await page.waitForSelector('.said >> text=Rejected');
      expect(kube.stored('accessdecisions')).toMatchObject([{ spec: { decision: 'Reject' } }]);
    }));

  it('where the focus is can be seen everywhere', () =>
    opened(async (page) => {
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.card button.main');
      const unseen: unknown[] = [];
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press('Tab');
        unseen.push(
          await page.evaluate(`(() => {
            const { activeElement: element } = document;
            if (element === document.body) return '';
            const { outlineStyle, outlineWidth } = getComputedStyle(element);
            return outlineStyle === 'none' || parseFloat(outlineWidth) < 2 ? element.outerHTML : '';
          })()`),
        );
      }
      expect(unseen.filter((html) => html !== '')).toEqual([]);
    }));

  it('what is typed stays, and so does the focus, while the lists change', () =>
    opened(async (page, { kube }) => {
      await page.keyboard.press('/');
      await page.keyboard.type('api');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Escape');
      await page.click('.row');
      // Who may reject is asked of the API server first, and then the key means something.
      await page.getByRole('button', { name: /^Reject/u }).waitFor();
      await page.keyboard.press('x');
      await page.locator('#reason').pressSequentially('half a sen');
      kube.put(`${IN_SHOP}/denials`, denialObject({}, { count: 77, lastSeen: ago(0) }) as never);
      await page.waitForSelector('.row >> text=77 times');
      await page.keyboard.type('tence');
      expect(await page.inputValue('#reason')).toBe('half a sentence');
      expect(await page.evaluate('document.activeElement.id')).toBe('reason');
      expect(page.url()).toMatch(/text=api$/u);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await page.reload();
      await page.waitForSelector('.row');
      expect(await page.inputValue('#filter-text')).toBe('api');
    }));

  it('on a phone’s width it is one thing after the other, and back', () =>
    opened(async (page) => {
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.card');
      expect(await page.locator('.list').isVisible()).toBe(false);
      await page.goBack();
      expect(await page.locator('.one').isVisible()).toBe(false);
      expect(await focused(page)).toBe(`shop/${ID}`);
    }, 360));
});
