import { counted, shown } from '../core/text.ts';
import { Ago } from './clock.tsx';
import { type Choice, FilterBar, ownerChoices, same } from './filter-bar.tsx';
import { type DenialRow, denialRows, matches, RISK_ORDER, readFilters, WAITING } from './filters.ts';
import { usePage } from './page.ts';
import { Empty, Failed, Loading, Pill } from './parts.tsx';
import { pathOf } from './route.ts';
import { Rows } from './rows.tsx';

const STATES: Choice['values'] = [
  [WAITING, 'Waiting for a decision'],
  ...same(['Open', 'Granted', 'Rejected', 'Resolved', 'Expired']),
];

/** What was refused: what waits for somebody first. */
export function Queue() {
  const { live, search, refresh } = usePage();
  const filters = readFilters(search);
  const { value, error } = live.denials;
  if (value === undefined && error !== undefined) return <Failed error={error} again={refresh} />;
  if (value === undefined) return <Loading what="denials" />;
  const all = denialRows(value, live.grants.value ?? []);
  const rows = all.filter((row) => matches(row, filters));
  const waiting = all.filter(({ pending }) => pending.length > 0).length;
  const owners = all.map(({ denial: { namespace, spec } }) => ({
    namespace,
    account: spec.serviceAccount.name,
  }));
  const choices: readonly Choice[] = [
    { name: 'state', label: 'State', any: 'Any state', values: STATES },
    { name: 'risk', label: 'Worst risk', any: 'Any risk', values: same(RISK_ORDER) },
    ...ownerChoices(owners, filters),
  ];
  return (
    <>
      <FilterBar filters={filters} choices={choices} />
      {error !== undefined && <Failed error={error} again={refresh} />}
      <p class="summary" role="status">
        {rows.length === all.length
          ? counted(all.length, 'denial')
          : `${rows.length} of ${counted(all.length, 'denial')}`}
        {waiting > 0 && ` · ${waiting} waiting for a decision`}
      </p>
      {rows.length === 0 ? <Nothing any={all.length > 0} /> : <Rows what="Denials" items={rows.map(asRow)} />}
    </>
  );
}

function Nothing({ any }: { readonly any: boolean }) {
  const { me } = usePage();
  if (any)
    return (
      <Empty title="Nothing matches">
        <p>Other filters show more.</p>
      </Empty>
    );
  return (
    <Empty title="Nothing was refused">
      <p>
        {me.namespace === undefined ? 'Nowhere in the cluster' : `Not in namespace ${shown(me.namespace)}`},
        as far as you may look. This list fills by itself.
      </p>
    </Empty>
  );
}

function asRow({ denial, risk, pending }: DenialRow) {
  const { namespace, name, spec, status } = denial;
  const { workload, serviceAccount } = spec;
  const asked = pending[0]?.spec.requester;
  return {
    key: `${namespace}/${name}`,
    href: pathOf({ view: 'denials', open: { namespace, name } }),
    waiting: pending.length > 0,
    content: (
      <>
        <span class="line">
          <strong>{shown(`${namespace}/${workload.name}`)}</strong>
          <span class="muted">{shown(workload.kind, 63)}</span>
          <span class="end muted">
            <Ago time={status.lastSeen} />
          </span>
        </span>
        <span class="line">
          {risk !== '' && <Pill kind="risk" value={risk} />}
          <Pill kind="state" value={status.state ?? 'Open'} />
          <span class="muted">as {shown(serviceAccount.name)}</span>
          <span class="end muted">{(status.count ?? 1) > 1 ? `${status.count} times` : 'once'}</span>
        </span>
        <span class="line muted">
          {checksText(denial)}
          {asked !== undefined && <span class="asked">{shown(asked, 60)} asks for a waiver</span>}
        </span>
      </>
    ),
  };
}

/** `1 missing, 2 excess`. */
function checksText({ spec: { findings, moreFindings = 0 } }: DenialRow['denial']): string {
  const counts = Map.groupBy(findings, ({ check }) => check);
  const texts = [...counts].map(([check, list]) => `${list.length} ${shown(check, 20)}`);
  return [...texts, ...(moreFindings > 0 ? [`${moreFindings} more`] : [])].join(', ');
}
