import { describe, expect, it } from 'vitest';
import type { AccessReport } from '../../../../src/core/report/access-report.ts';
import { accessCsv, csvField } from '../../../../src/core/report/csv.ts';
import { accessHtml } from '../../../../src/core/report/html.ts';

const HOSTILE = `</table><script>alert(1)</script><img src=x onerror='alert("1")'>`;

function report(name: string, scope = 'get pods in shop'): AccessReport {
  const row = { state: 'excess', undetermined: false, scope, risk: 'low', why: name, via: name } as const;
  return {
    madeAt: '2026-01-31T12:00:00Z',
    factsAgeSeconds: 0,
    incomplete: [name],
    accounts: [
      {
        namespace: name,
        serviceAccount: name,
        shared: false,
        workloads: [{ kind: 'Deployment', name, policy: 'p', declared: true, result: 'warn' }],
        vaultRoles: [{ connection: 'default', mount: 'm', role: name, policies: [name], anyAccount: false }],
        scopes: [row],
        moreScopes: 0,
        notes: [name],
        held: 1,
        needed: 0,
        missing: 0,
        unknown: 0,
        excess: { critical: 0, high: 0, medium: 0, low: 1 },
      },
    ],
  };
}

describe('a CSV field', () => {
  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['a\r\nb', '"a\r\nb"'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['* secrets everywhere', '* secrets everywhere'],
    ['', ''],
  ])('%j is written %j', (text, want) => {
    expect(csvField(text)).toBe(want);
  });
});

describe('accessCsv', () => {
  it('has a header and a line a scope', () => {
    expect(accessCsv(report('=api')).split('\r\n')).toEqual([
      'namespace,serviceAccount,shared,workloads,results,state,undetermined,risk,scope,via,why,vaultRoles,madeAt',
      `'=api,'=api,false,Deployment =api,warn,excess,false,low,get pods in shop,'=api,'=api,'=api (=api),2026-01-31T12:00:00Z`,
    ]);
  });

  it('has a line for an account without scopes', () => {
    const [account] = report('api').accounts;
    const accounts = account === undefined ? [] : [{ ...account, scopes: [] }];

    expect(accessCsv({ ...report('api'), accounts }).split('\r\n')).toHaveLength(2);
  });
});

describe('an account as which nothing runs', () => {
  const [account] = report('ci').accounts;
  const idle = { ...report('ci'), accounts: account === undefined ? [] : [{ ...account, workloads: [] }] };

  it('has no workload in the CSV', () => {
    expect(accessCsv(idle).split('\r\n')[1]).toMatch(/^ci,ci,false,,,excess,/u);
  });

  it('says so in the page', () => {
    expect(accessHtml(idle)).toContain('<td>none</td>');
  });
});

describe('accessHtml', () => {
  it('shows what is hostile as text', () => {
    const html = accessHtml(report(HOSTILE, HOSTILE));

    expect(html).not.toMatch(/<(?:script|img)/u);
    expect(html.match(/&lt;script&gt;/gu)?.length).toBeGreaterThan(8);
    expect(html).not.toContain(`onerror='`);
  });

  it('forbids scripts and everything from elsewhere', () => {
    const html = accessHtml(report('api'));

    expect(html).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
    );
    expect(html).not.toMatch(/\b(?:src|on\w+)=|https?:/u);
  });
});
