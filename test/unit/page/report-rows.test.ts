import { describe, expect, it } from 'vitest';
import { readSorting, reportRows, sorted } from '../../../src/page/report-rows.ts';
import { REPORT } from '../../support/page-report.ts';

const rows = reportRows(REPORT);

describe('the report’s table', () => {
  it('has a row for each scope of each account', () => {
    expect(rows).toHaveLength(4);
    expect(new Set(rows.map(({ key }) => key)).size).toBe(4);
  });

  it.each([
    ['', ['critical', 'high', 'low', 'low']],
    ['?sort=-risk', ['low', 'low', 'high', 'critical']],
    ['?sort=state', ['low', 'critical', 'high', 'low']],
    ['?sort=account', ['high', 'low', 'critical', 'low']],
    ['?sort=nothing', ['critical', 'high', 'low', 'low']],
  ])('is sorted as %s says', (search, risks) => {
    expect(sorted(rows, readSorting(search)).map(({ scope }) => scope.risk)).toEqual(risks);
  });
});
