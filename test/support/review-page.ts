import { buildPage } from '../../scripts/build-page.ts';
import { accessCsv } from '../../src/core/report/csv.ts';
import type { Desk } from '../../src/desk/desk.ts';
import { listen } from '../../src/server/listen.ts';
import { buildReviewPage, type PageFiles, type ReviewPageOptions } from '../../src/server/review/app.ts';
import { createPageKeys, type PageKeys } from '../../src/server/review/keys.ts';
import { REPORT } from './page-report.ts';

/** The page's server over any desk, as `countersign ui` puts it together. */
export interface ServedPage {
  readonly origin: string;
  readonly port: number;
  readonly link: string;
  readonly keys: PageKeys;
  stop(): Promise<void>;
}

let files: Promise<PageFiles> | undefined;

function builtPage(): Promise<PageFiles> {
  files ??= buildPage();
  return files;
}

export async function servePage(desk: Desk, options: Partial<ReviewPageOptions> = {}): Promise<ServedPage> {
  const keys = createPageKeys();
  let port = 0;
  const app = buildReviewPage({
    desk,
    namespace: undefined,
    context: 'test',
    keys,
    files: await builtPage(),
    port: () => port,
    report: async () => REPORT,
    csv: accessCsv,
    everyMs: 100,
    ...options,
  });
  port = await listen(app, { host: '127.0.0.1', port: 0 });
  const origin = `http://127.0.0.1:${port}`;
  return { origin, port, keys, link: `${origin}/#link=${keys.link}`, stop: () => app.close() };
}
