import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { denialTable, denialText } from '../../../src/cli/denial-report.ts';
import { type DenialFilters, selected } from '../../../src/cli/denials.ts';
import { printObjects } from '../../../src/cli/stored.ts';
import type { StoredDenial } from '../../../src/desk/desk.ts';
import { readDenial } from '../../../src/desk/read-objects.ts';
import { denialObject, ID, NOW } from '../../support/desk.ts';

function denial(spec: object = {}, status: object = {}, name = ID): StoredDenial {
  const object = denialObject(spec, status, name);
  const [read] = readDenial({ ...object, metadata: { ...object.metadata, namespace: 'shop', uid: 'u-1' } });
  if (read === undefined) throw new Error('not a denial');
  return read;
}

const OTHER = denial(
  { workload: { kind: 'Job', name: 'load' }, serviceAccount: { name: 'loader' }, findings: [] },
  { state: 'Granted', requesters: [{ name: 'omar', count: 1 }], lastSeen: '2026-01-31T12:05:00Z' },
  'd-00000000',
);
const HOSTILE = '<img src=x onerror=alert(1)>\u001b[31m\u202e\r\n=1+1';

describe('denials', () => {
  it.each<[DenialFilters, readonly string[]]>([
    [{}, ['d-00000000', ID]],
    [{ state: 'Open' }, [ID]],
    [{ account: 'loader' }, ['d-00000000']],
    [{ workload: 'api' }, [ID]],
    [{ workload: 'job/load' }, ['d-00000000']],
    [{ workload: 'Job/api' }, []],
    [{ requester: 'omar' }, ['d-00000000']],
    [{ risk: 'critical' }, [ID]],
    [{ risk: 'low' }, []],
  ])('are selected by %j', (filters, want) => {
    expect(selected([denial(), OTHER], filters).map(({ name }) => name)).toEqual(want);
  });

  it('are a table', () => {
    expect(denialTable([denial(), OTHER], { allNamespaces: false, nowMs: NOW }, false).split('\n')).toEqual([
      'NAME         STATE     RISK       WORKLOAD         ACCOUNT   COUNT   LAST-SEEN',
      'd-7f3k2m4q   Open      critical   Deployment/api   api       3       10m',
      'd-00000000   Granted   <none>     Job/load         loader    3       5m',
    ]);
  });

  it('are wider on request', () => {
    const [header = '', line = ''] = denialTable([denial()], { allNamespaces: true, nowMs: NOW }, true).split(
      '\n',
    );

    expect(header.split(/ {2,}/u)).toEqual(
      'NAMESPACE NAME STATE RISK WORKLOAD ACCOUNT COUNT LAST-SEEN POLICY REQUESTERS GRANT FINDINGS'.split(
        ' ',
      ),
    );
    expect(line).toContain('production   jane         <none>   1 missing, 1 excess');
  });

  it.each(['json', 'yaml'] as const)('are %s that reads back', (format) => {
    const text = printObjects(format, 'Denial', [denial({ summary: HOSTILE })]);

    expect(text).toMatch(/^[ -~\n]+$/u);
    expect(parse(text)).toMatchObject({
      kind: 'List',
      items: [
        {
          kind: 'Denial',
          metadata: { name: ID, namespace: 'shop' },
          spec: { summary: HOSTILE },
          status: { count: 3 },
        },
      ],
    });
  });

  it('are names', () => {
    expect(printObjects('name', 'Denial', [denial()])).toBe(`denials.countersign.dev/${ID}`);
  });
});

describe('a denial', () => {
  it('is told whole, with what to do next', () => {
    expect(denialText(denial(), NOW, (_, text) => text).split('\n')).toEqual([
      `shop/api (Deployment) may not run as serviceaccount shop/api: 1 missing, 1 excess [${ID}, policy production]`,
      '  missing    get pods in shop',
      '  critical   * secrets everywhere   via ClusterRoleBinding legacy-admin → ClusterRole legacy',
      'state    Open',
      'seen     3 times, last 10m ago',
      'by       jane (3)',
      `next: kubectl countersign fix ${ID} -n shop`,
      `  or ask for a waiver: kubectl countersign grant ${ID} -n shop --reason …`,
    ]);
  });

  it.each<[string, object, string, object?]>([
    [
      'offers a waiver of what the policy lets grants waive',
      { mayWaive: ['excess'] },
      'ask for a waiver: kubectl',
    ],
    [
      'says that the policy lets nothing of it be waived',
      { mayWaive: [] },
      'policy production lets no grant waive any of it',
    ],
    [
      'says so where the policy lets nothing of it be waived any more',
      { mayWaive: ['excess'] },
      'policy production lets no grant waive any of it',
      { lastRefusal: { mayWaive: [] } },
    ],
  ])('%s', (_, spec, want, status = {}) => {
    const lines = denialText(denial(spec, status), NOW, (__, text) => text).split('\n');

    expect(lines.at(-2)).toBe(`next: kubectl countersign fix ${ID} -n shop`);
    expect(lines.at(-1)).toContain(want);
  });

  it('sends people to their manifest where nothing else is wrong', () => {
    const findings = [
      { check: 'request', reason: 'DeclarationInvalid', action: 'Deny', undetermined: false },
    ];
    const text = denialText(denial({ findings }), NOW, (_, painted) => painted);

    expect(text).toMatch(/\nnext: correct that in the manifest, and apply it again$/u);
    expect(text).not.toContain('countersign fix');
  });

  it('shows what is hostile in it as text', () => {
    const findings = [
      { check: HOSTILE, reason: HOSTILE, action: 'Deny', undetermined: false, scope: HOSTILE, via: HOSTILE },
    ];
    const hostile = denial(
      { summary: HOSTILE, findings },
      {
        message: HOSTILE,
        grant: HOSTILE,
        requesters: [{ name: HOSTILE, count: 1 }],
        recheck: { outcome: HOSTILE, message: HOSTILE },
      },
    );

    for (const text of [
      denialText(hostile, NOW, (_, painted) => painted),
      denialTable([hostile], { allNamespaces: true, nowMs: NOW }, true),
    ]) {
      expect(text).not.toMatch(/[^ -~\n→…]/u);
    }
  });
});
