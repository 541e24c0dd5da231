import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CountersignError } from '../../../src/core/errors.ts';
import type { Desk } from '../../../src/desk/desk.ts';
import { inaccessible, launchBrowser, newPage, shoot } from '../../support/browser.ts';
import { denialObject, grantSpec, IN_SHOP } from '../../support/desk.ts';
import { ago, pageShop } from '../../support/page-shop.ts';
import { type ServedPage, servePage } from '../../support/review-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => browser?.close());

/** Opens the page over that desk, and looks that nothing was complained of. */
async function opened(
  desk: Desk,
  use: (page: Page, served: ServedPage) => Promise<void>,
  expected: readonly RegExp[] = [],
): Promise<void> {
  const served = await servePage(desk);
  const { page, complaints, close } = await newPage(browser);
  try {
    await page.goto(served.link);
    await use(page, served);
    expect(await inaccessible(page)).toEqual([]);
    expect(complaints.filter((one) => !expected.some((known) => known.test(one)))).toEqual([]);
  } finally {
    await close();
    await served.stop();
  }
}

const HTTP = /Failed to load resource/u;
const text = (page: Page, selector = 'body') => page.locator(selector).innerText();

describe('the page', () => {
  it('says that nothing was refused', () =>
    opened({ ...pageShop('omar', 0).desk, denials: async () => [], grants: async () => [] }, async (page) => {
      await page.waitForSelector('text=Nothing was refused');
      await page.click('nav a[href="/grants"]');
      await page.waitForSelector('text=Nobody asked for anything');
      await shoot(page, 'nothing');
    }));

  it('says that it is loading', () =>
    opened({ ...pageShop('omar').desk, denials: () => new Promise(() => undefined) }, async (page) => {
      await page.waitForSelector('text=Loading denials');
      await shoot(page, 'loading');
    }));

  it('says in the words of the API server what is refused, and tries again', async () => {
    const { desk, kube } = pageShop('omar');
    const words = 'denials.countersign.dev is forbidden: User "omar" cannot list resource "denials"';
    kube.refuse(/^GET .*denials/u, 403, words);
    await opened(
      desk,
      async (page) => {
        await page.waitForSelector('text=Try again');
        expect(await text(page, '.failed')).toContain(words);
        expect(await text(page, '.failed')).toContain('ask for ClusterRole countersign-requester');
        expect(await page.locator('.stale').count()).toBe(0);
        await shoot(page, 'refused');
      },
      [HTTP],
    );
  });

  it('keeps what it shows when the cluster goes away, and says that it is old', async () => {
    const { desk } = pageShop('omar');
    let gone = false;
    const failing = async () => {
      if (gone) throw new CountersignError('ERR_KUBE_UNREACHABLE', 'GET /apis: connection refused');
      return desk.denials(undefined);
    };
    await opened(
      { ...desk, denials: failing },
      async (page) => {
        await page.waitForSelector('.row');
        gone = true;
        await page.waitForSelector('.stale');
        expect(await text(page, '.stale')).toBe('Not up to date: GET /apis: connection refused');
        expect(await page.locator('.row').count()).toBe(13);
        await shoot(page, 'stale');
        gone = false;
        await page.waitForSelector('.stale', { state: 'detached' });
      },
      [HTTP],
    );
  });

  it('says so when its server has ended', async () => {
    const served = await servePage(pageShop('omar').desk);
    const { page, close } = await newPage(browser);
    await page.goto(served.link);
    await page.waitForSelector('.live.on');
    await served.stop();
    await page.waitForSelector('.stale >> text=countersign ui does not answer');
    await close();
  });

  it('opens by its link once; after that this browser is known, in other tabs too, and another is not', async () => {
    const served = await servePage(pageShop('omar').desk);
    const [mine, other] = [await newPage(browser), await newPage(browser)];
    await mine.page.goto(served.link);
    await mine.page.waitForSelector('.row');
    expect(mine.page.url()).toBe(`${served.origin}/`);
    await mine.page.reload();
    await mine.page.waitForSelector('.row');
    const tab = await mine.context.newPage();
    await tab.goto(`${served.origin}/grants`);
    await tab.waitForSelector('.row');

    await other.page.goto(served.link);
    await other.page.waitForSelector('text=this link was used before');
    await other.page.goto(`${served.origin}/denials`);
    await other.page.waitForSelector('text=There is no link in the address');
    expect(await inaccessible(other.page)).toEqual([]);
    await shoot(other.page, 'no-link');
    for (const one of [mine, other]) await one.close();
    await served.stop();
  });

  it('shows what a refused workload needs, and offers a waiver only where the policy lets one', async () => {
    const { desk, kube } = pageShop('jane', 0);
    const all = [...Array(30).keys()].map((at) => `get pods named n${at} in shop`);
    const records = {
      'd-00000001': { needs: ['get pods in shop', 'vault read kv/a'], mayWaive: ['excess'] },
      'd-00000002': { needs: [], mayWaive: [] },
      'd-00000003': { needs: all, moreNeeds: 2, mayWaive: ['undeclared'] },
      'd-00000004': {},
    };
    for (const [name, spec] of Object.entries(records))
      kube.put(`${IN_SHOP}/denials`, denialObject(spec, {}, name) as never);
    await opened(desk, async (page, { origin }) => {
      await page.waitForSelector('.row');
      const shown: Record<string, unknown> = {};
      for (const name of Object.keys(records)) {
        await page.goto(`${origin}/denials/shop/${name}`);
        await page.waitForSelector(`.detail >> text=Denial ${name}`);
        await page.waitForSelector('text=/Ask for a waiver|lets no grant waive/');
        const needs = page.locator('.facts div:has(> dt:text-is("Needs")) dd');
        shown[name] = [
          await needs.locator('code').count(),
          (await needs.allInnerTexts()).map((one) => one.split('\n').at(-1)),
          await page.getByRole('button', { name: 'Ask for a waiver' }).count(),
        ];
      }

      expect(shown).toEqual({
        'd-00000001': [2, ['vault read kv/a'], 1],
        'd-00000002': [0, ['nothing'], 0],
        'd-00000003': [20, ['and 12 more'], 0],
        'd-00000004': [0, [], 1],
      });
    });
  });

  it('sends people to their manifest where nothing else is wrong', async () => {
    const { desk, kube } = pageShop('jane', 0);
    const findings = [
      { check: 'request', reason: 'DeclarationInvalid', action: 'Deny', undetermined: false },
    ];
    kube.put(`${IN_SHOP}/denials`, denialObject({ findings }, {}, 'd-00000001') as never);
    await opened(desk, async (page, { origin }) => {
      await page.waitForSelector('.row');
      await page.goto(`${origin}/denials/shop/d-00000001`);
      await page.waitForSelector(
        'text=Nothing in the cluster: correct that in the manifest, and apply it again.',
      );

      const offered = page.locator('.detail').getByText(/smallest change|Ask for a waiver|countersign fix/);
      expect(await offered.count()).toBe(0);
    });
  });

  it('shows hostile names, reasons and tickets as text, and nothing of them moves the eye', async () => {
    const { desk, kube } = pageShop('omar', 0);
    const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
    const turned = 'safe\u202egnp.exe\u2066\u200b\u001b[31mred\u0007';
    const spec = { serviceAccount: { name: evil }, workload: { kind: 'Deployment', name: turned } };
    const summary = `${evil}${'z'.repeat(1500)}`;
    const findings = [
      {
        check: 'excess',
        reason: 'Excess',
        action: 'Deny',
        undetermined: true,
        scope: evil,
        risk: 'critical',
        why: turned,
        via: `${evil} → ${turned}`,
        detail: 'javascript:alert(1)',
      },
      { check: evil, reason: turned, action: 'Warn', undetermined: false },
    ];
    const status = {
      message: evil,
      requesters: [{ name: evil, count: 1 }],
      lastSeen: ago(1),
      recheck: { requestedAt: 'x', checkedAt: ago(1), outcome: 'Deny', message: `${turned}\n${evil}` },
    };
    kube.put(
      `${IN_SHOP}/denials`,
      denialObject({ ...spec, findings, summary, policy: evil, needs: [evil, turned] }, status) as never,
    );
    const reason = `${evil}\n${turned}\nline three`;
    const grant = grantSpec({ ...spec, reason, ticket: evil, requester: evil, scopes: ['get pods in shop'] });
    kube.put(`${IN_SHOP}/accessgrants`, {
      metadata: { name: 'api-7x2kq', uid: 'g-1' },
      spec: grant,
    } as never);

    await opened(desk, async (page, served) => {
      await page.waitForSelector('.row');
      await page.click('.row');
      await page.waitForSelector('.card');
      await shoot(page, 'hostile');
      const said = await text(page);
      expect(said).toContain(evil);
      expect(said).toContain('safe\\u202egnp.exe\\u2066\\u200b\\u001b[31mred\\u0007');
      expect(said).toContain('line three');
      for (const sign of '\u202e\u2066\u200b\u001b\u0007') expect(said).not.toContain(sign);
      expect(await page.title()).toBe('Countersign');
      expect(await page.locator('img, script:not([src]), iframe').count()).toBe(0);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await page.goto(
        `${served.origin}/denials?text=${encodeURIComponent(evil)}&account=${encodeURIComponent(evil)}`,
      );
      await page.waitForSelector('.row');
    });
  });

  it('is quick to filter thousands, and shows them in part', () =>
    opened(pageShop('omar', 3000).desk, async (page) => {
      await page.waitForSelector('text=Show 200 more of');
      expect(await page.locator('.row').count()).toBe(200);
      await page.fill('#filter-text', 'legacy-admin');
      await page.waitForSelector('.summary >> text=1 of 3001');
    }));
});
