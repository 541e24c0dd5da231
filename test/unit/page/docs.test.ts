import { readFile } from 'node:fs/promises';
import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { accessCsv } from '../../../src/core/report/csv.ts';
import { buildReviewPage } from '../../../src/server/review/app.ts';
import { PAGE_HEADERS } from '../../../src/server/review/headers.ts';
import { createPageKeys } from '../../../src/server/review/keys.ts';
import { heardHost } from '../../support/cli-host.ts';
import { OMAR, shopSeenBy } from '../../support/desk.ts';
import { REPORT } from '../../support/page-report.ts';

const text = await readFile('docs/page.md', 'utf8');
const HOST = '127.0.0.1:8900';

const keys = createPageKeys();
const token = keys.redeem(keys.link);
const app = buildReviewPage({
  desk: shopSeenBy(OMAR).desk,
  namespace: undefined,
  context: 'test',
  keys,
  files: { html: '', script: '', style: '' },
  port: () => 8900,
  report: async () => REPORT,
  csv: accessCsv,
});

interface Coming {
  readonly method?: 'GET' | 'POST';
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly payload?: object;
}

/** What each row of the table does. */
const COMING: Readonly<Record<string, Coming>> = {
  'another program of the machine, without the token': { headers: { authorization: undefined } },
  'somebody with a link that was used': { method: 'POST', url: '/api/session', payload: { link: keys.link } },
  'a name that was rebound to 127.0.0.1': { headers: { host: 'rebound.example:8900' } },
  'a page of another site that writes': {
    method: 'POST',
    url: '/api/decisions',
    headers: { origin: 'https://evil.example' },
  },
  'a page of another port of this machine that reads': {
    headers: { origin: undefined, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
  },
  'a form or a script without an Origin that writes': {
    method: 'POST',
    url: '/api/decisions',
    headers: { origin: undefined },
  },
  'a body of more than 64 kB': {
    method: 'POST',
    url: '/api/grants',
    payload: { reason: 'x'.repeat(65_536) },
  },
  'a body of another shape': { method: 'POST', url: '/api/grants', payload: { scopes: 'all' } },
};

const rows = [...text.matchAll(/^\| ([^|`]+) \| `(ERR_\w+)` \|/gmu)].map(([, who = '', code = '']) => [
  who,
  code,
]);

describe('docs/page.md', () => {
  it.each(rows)('says that %s is answered %s, which is so', async (who, code) => {
    const { method = 'GET', url = '/api/denials', headers = {}, payload } = COMING[who ?? ''] ?? {};
    const given = { host: HOST, origin: `http://${HOST}`, authorization: `Bearer ${token}`, ...headers };
    const sent = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const request: InjectOptions = { method, url, headers: sent };
    const answer = await app.inject({ ...request, ...(payload !== undefined && { payload }) });

    expect(answer.json().code).toBe(code);
  });

  it('leaves none of them out', () => {
    expect(new Set(rows.map(([who]) => who))).toEqual(new Set(Object.keys(COMING)));
  });

  it('has the help as it is printed', async () => {
    const { host, out } = heardHost();
    await runCli(['ui', '--help'], host);

    expect(text).toContain(`$ countersign ui --help\n${out().trim()}\n`);
  });

  it('has the policy as it is sent', () => {
    expect(text).toContain(`Content-Security-Policy: ${PAGE_HEADERS['content-security-policy']}\n`);
  });
});
