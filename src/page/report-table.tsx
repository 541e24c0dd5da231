import { useMemo, useState } from 'preact/hooks';
import type { AccessReport } from '../core/report/access-report.ts';
import { counted, shown } from '../core/text.ts';
import { FilterBar, ownerChoices, same } from './filter-bar.tsx';
import { RISK_ORDER, readFilters } from './filters.ts';
import { usePage } from './page.ts';
import { Pill, Via } from './parts.tsx';
import { COLUMNS, type Column, type ReportRow, readSorting, reportRows, sorted } from './report-rows.ts';
import { queryText } from './route.ts';

const NAMES: Readonly<Record<Column, string>> = {
  account: 'Account',
  state: 'Needed?',
  risk: 'Risk',
  scope: 'Scope',
  via: 'By',
};
const STATES = ['missing', 'excess', 'unknown', 'needed'];
const AT_ONCE = 200;

export function ReportTable({ report }: { readonly report: AccessReport }) {
  const { search, filter } = usePage();
  const [limit, setLimit] = useState(AT_ONCE);
  const filters = readFilters(search);
  const sorting = readSorting(search);
  const all = useMemo(() => reportRows(report), [report]);
  const rows = useMemo(
    () =>
      sorted(
        all.filter((row) => isWanted(row, filters)),
        sorting,
      ),
    [all, search],
  );
  const owners = report.accounts.map(({ namespace, serviceAccount }) => ({
    namespace,
    account: serviceAccount,
  }));
  const sortBy = (column: Column) => {
    const turned = sorting.column === column && !sorting.descending;
    filter(queryText({ ...filters, sort: turned ? `-${column}` : column }));
  };
  return (
    <>
      <FilterBar
        filters={filters}
        choices={[
          { name: 'state', label: 'Needed or not', any: 'Needed or not', values: same(STATES) },
          { name: 'risk', label: 'Risk', any: 'Any risk', values: same(RISK_ORDER) },
          ...ownerChoices(owners, filters),
        ]}
      />
      <p class="summary" role="status">
        {rows.length === all.length
          ? counted(all.length, 'scope')
          : `${rows.length} of ${counted(all.length, 'scope')}`}
      </p>
      {/* biome-ignore lint: explicit roles survive the layout of narrow screens */}
      <table role="table" aria-label="Who holds what">
        <thead role="rowgroup">
          <tr role="row">
            {COLUMNS.map((column) => (
              <th
                key={column}
                role="columnheader"
                scope="col"
                aria-sort={ariaSort(column === sorting.column, sorting.descending)}
              >
                <button type="button" class="sort" onClick={() => sortBy(column)}>
                  {NAMES[column]}
                  <span aria-hidden="true">
                    {column === sorting.column ? (sorting.descending ? ' ↓' : ' ↑') : ''}
                  </span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.slice(0, limit).map((row) => (
            <Row key={row.key} row={row} />
          ))}
        </tbody>
      </table>
      {rows.length > limit && (
        <button type="button" class="more" onClick={() => setLimit(limit + AT_ONCE)}>
          Show {Math.min(AT_ONCE, rows.length - limit)} more of {rows.length - limit}
        </button>
      )}
    </>
  );
}

function Row({ row: { account, scope } }: { readonly row: ReportRow }) {
  const workloads = account.workloads.map(({ kind, name }) => `${kind} ${name}`);
  const more = workloads.length === 0 ? account.notes : workloads;
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        {shown(`${account.namespace}/${account.serviceAccount}`)}
        <span class="muted" title={more.map((text) => shown(text, 500)).join('\n')}>
          {` ${ranBy(account)}`}
        </span>
      </th>
      <td role="cell">
        <span class={`need need-${scope.state}`}>{WORDS[scope.state]}</span>
      </td>
      <td role="cell">
        <Pill kind="risk" value={scope.risk} />
      </td>
      <td role="cell">
        <code class="scope">{shown(scope.scope, 500)}</code>
        {scope.why !== undefined && <span class="why">{shown(scope.why, 500)}</span>}
      </td>
      <td role="cell">{scope.via === '' ? <span class="muted">nothing</span> : <Via path={scope.via} />}</td>
    </tr>
  );
}

/** In a few words. */
function ranBy({ workloads, shared }: ReportRow['account']): string {
  const [first] = workloads;
  if (first === undefined) return 'nothing runs as it';
  return shared ? `shared by ${workloads.length} workloads` : shown(`${first.kind} ${first.name}`, 80);
}

const WORDS: Readonly<Record<ReportRow['scope']['state'], string>> = {
  missing: 'missing',
  excess: 'not needed',
  unknown: 'unknown',
  needed: 'needed',
};

function isWanted({ account, scope }: ReportRow, filters: ReturnType<typeof readFilters>): boolean {
  const { namespace, serviceAccount, workloads } = account;
  const texts = [namespace, serviceAccount, scope.scope, scope.via, ...workloads.map(({ name }) => name)];
  const words = filters.text.toLowerCase().split(/\s+/u).filter(Boolean);
  return (
    (filters.state === '' || filters.state === scope.state) &&
    (filters.risk === '' || filters.risk === scope.risk) &&
    (filters.namespace === '' || filters.namespace === namespace) &&
    (filters.account === '' || filters.account === serviceAccount) &&
    words.every((word) => texts.some((text) => text.toLowerCase().includes(word)))
  );
}

function ariaSort(isSorted: boolean, descending: boolean): 'ascending' | 'descending' | 'none' {
  if (!isSorted) return 'none';
  return descending ? 'descending' : 'ascending';
}
