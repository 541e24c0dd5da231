/** What is done on the review page in the story of docs/review.md, in a real browser. */
import { launchBrowser, newPage, shoot } from './browser.ts';

/** What the person reads before they approve, and what the browser complained of. */
export interface Approval {
  readonly read: string;
  readonly complaints: readonly string[];
}

/** From the printed link to the approved grant, by what a person sees. */
export async function approveOnPage(link: string, reason: string): Promise<Approval> {
  const browser = await launchBrowser();
  try {
    const { page, complaints } = await newPage(browser);
    await page.goto(link);
    await page
      .getByRole('link', { name: /shop\/api/u })
      .first()
      .click();
    await page.getByRole('button', { name: 'Approve …' }).click();
    const dialog = page.getByRole('dialog');
    const read = await dialog.innerText();
    await shoot(page, 'story-approve');
    await dialog.getByLabel('Why do you approve it?').fill(reason);
    await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText(/^Approved: /u).waitFor();
    await page.getByText('jane asked for 1m,').waitFor();
    await page.getByText('Approved by omar').waitFor();
    await shoot(page, 'story-approved');
    return { read, complaints };
  } finally {
    await browser.close();
  }
}
