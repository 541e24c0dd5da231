/**
 * `npm run generate`: writes the files that follow from others. With `--check` it writes nothing and exits 1 when one is
 * stale. Names after the options choose among the pages.
 */
import { parseArgs } from 'node:util';
import { baselinePage } from './generate/baseline.ts';
import { bootstrapRolesPage } from './generate/bootstrap-roles.ts';
import { installPage } from './generate/chart/install.ts';
import { chartPages } from './generate/chart/pages.ts';
import { configPage } from './generate/config-page.ts';
import { crdPages } from './generate/crd.ts';
import { metricsPage } from './generate/metrics-page.ts';
import { checkPage, type Page, writePage } from './generate/page.ts';
import { policyPage } from './generate/policy-page.ts';
import { resourcesPage } from './generate/resources.ts';

const PAGES: readonly Page[] = [
  resourcesPage,
  baselinePage,
  bootstrapRolesPage,
  configPage,
  metricsPage,
  policyPage,
  ...crdPages,
  ...chartPages,
  installPage,
];

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean' } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !PAGES.some((page) => page.name === name));
if (unknown.length > 0) {
  console.error(`no such page: ${unknown.join(', ')}; expected ${PAGES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const root = new URL('..', import.meta.url);
const act = values.check === true ? checkPage : writePage;
for (const page of PAGES.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const { ok, message } = act(page, root);
  (ok ? console.log : console.error)(`${page.path}: ${message}`);
  if (!ok) process.exitCode = 1;
}
