import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** The real Chromium of the system: what people's browsers are made of, and what enforces the policies of the page. */

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const SHOTS = 'reports/page';

export async function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) {
    throw new Error('there is no Chromium: apt-get install chromium, or name another one in CHROMIUM');
  }
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...flags] });
}

export interface Look {
  readonly dark?: boolean;
  readonly width?: number;
}

/** A page that remembers what the browser complained of. */
export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of the console, exceptions, and what the Content-Security-Policy stopped. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

export async function newPage(browser: Browser, { dark = false, width = 1280 }: Look = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 740 : 860 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  const complaints: string[] = [];
  await context.exposeBinding('countersignViolation', (_, text: string) => void complaints.push(text));
  await context.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    countersignViolation('CSP ' + event.violatedDirective + ' ' + event.blockedURI))`);
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, context, complaints, close: () => context.close() };
}

/** Into the folder for what tests put out, which git leaves alone. */
export async function shoot(page: Page, name: string): Promise<void> {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds wrong by WCAG 2.2 AA and below. */
export async function inaccessible(page: Page): Promise<readonly string[]> {
  // By the debugger, which no policy of the page concerns.
  await page.evaluate(axe.source);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const options = JSON.stringify({ runOnly: { type: 'tag', values: tags } });
  const violations = await page.evaluate<readonly Violation[]>(
    `axe.run(document, ${options}).then(({ violations }) => violations)`,
  );
  return violations.map(({ id, help, nodes }) => {
    const where = nodes.map(({ html, failureSummary = '' }) => `${html}\n    ${failureSummary}`);
    return `${id}: ${help}\n  ${where.join('\n  ')}`;
  });
}
