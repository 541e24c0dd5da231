import { describe, expect, it } from 'vitest';
import { readSorting, reportRows, sorted } from '../../../src/page/report-rows.ts';
import { REPORT } from '../../support/page-report.ts';

const rows = reportRows(REPORT);

describe('the report’s table', () => {
  it('has a row for each scope of each account', () => {
    expect(rows).toHaveLength(5);
    expect(new Set(rows.map(({ key }) => key)).size).toBe(5);
  });

  it.each([
    ['', ['critical', 'high', 'high', 'low', 'low']],
    ['?sort=-risk', ['low', 'low', 'high', 'high', 'critical']],
    ['?sort=state', ['low', 'critical', 'high', 'high', 'low']],
    ['?sort=account', ['high', 'high', 'low', 'critical', 'low']],
    ['?sort=nothing', ['critical', 'high', 'high', 'low', 'low']],
  ])('is sorted as %s says', (search, risks) => {
    expect(sorted(rows, readSorting(search)).map(({ scope }) => scope.risk)).toEqual(risks);
  });
});
