import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inaccessible, type Look, launchBrowser, newPage, shoot } from '../../support/browser.ts';
import { pageShop } from '../../support/page-shop.ts';
import { servePage } from '../../support/review-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => browser?.close());

const LOOKS: readonly (readonly [name: string, look: Look])[] = [
  ['light', {}],
  ['dark', { dark: true }],
  ['phone', { width: 360 }],
  ['phone-dark', { width: 360, dark: true }],
];

describe.each(LOOKS)('in %s, every view', (name, look) => {
  it('is accessible, fits, and does nothing that its policy stops', async () => {
    const served = await servePage(pageShop('omar').desk, { proposal: async () => ROLE });
    const { page, complaints, close } = await newPage(browser, look);
    const found: string[] = [];
    async function seen(view: string): Promise<void> {
      await shoot(page, `${view}-${name}`);
      const wider = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
      if (wider === true) found.push(`${view} is wider than the screen`);
      found.push(...(await inaccessible(page)).map((violation) => `${view}: ${violation}`));
    }

    await page.goto(served.link);
    await page.waitForSelector('.row');
    await page.waitForSelector('.live.on');
    await seen('queue');
    await page.click('.row');
    await page.click('text=Work out the smallest change');
    await page.waitForSelector('pre');
    await page.waitForSelector('.card button.main');
    await seen('denial');
    await page.click('.card button.main');
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('.problem');
    await seen('approve');
    await page.keyboard.press('Escape');
    await page.click('nav a[href="/grants"]');
    await page.click('.row');
    await page.waitForSelector('.card');
    await seen('grants');
    await page.click('nav a[href="/report"]');
    await page.waitForSelector('tbody tr');
    await page.click('summary');
    await seen('report');
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    await seen('help');
    await page.keyboard.press('Escape');
    await page.goto(`${served.origin}/denials?state=Open&text=nothing-like-this`);
    await page.waitForSelector('.empty');
    await seen('empty');

    await close();
    await served.stop();
    expect([found, complaints]).toEqual([[], []]);
  });
});

const ROLE = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: api
  namespace: shop
rules:
  - apiGroups: ['']
    resources: [pods]
    verbs: [get]
`;
