import { counted, shown } from '../core/text.ts';
import type { StoredGrant } from '../desk/desk.ts';
import { Ago, Left } from './clock.tsx';
import { type Choice, FilterBar, ownerChoices, same } from './filter-bar.tsx';
import { matchesGrant, readFilters } from './filters.ts';
import { GrantCard } from './grant-card.tsx';
import { Heading } from './heading.tsx';
import { usePage } from './page.ts';
import { Empty, Fact, Failed, Loading, Pill } from './parts.tsx';
import { type Place, pathOf } from './route.ts';
import { Rows } from './rows.tsx';

const ORDER = ['Pending', 'Active', 'Void', 'Expired', 'Rejected', 'Revoked'] as const;

/** What was asked for and what became of it: what waits first, then what runs, the next to end first. */
export function Grants() {
  const { live, search, refresh } = usePage();
  const filters = readFilters(search);
  const { value, error } = live.grants;
  if (value === undefined && error !== undefined) return <Failed error={error} again={refresh} />;
  if (value === undefined) return <Loading what="grants" />;
  const rows = value.filter((grant) => matchesGrant(grant, filters)).toSorted(compared);
  const owners = value.map(({ namespace, spec }) => ({ namespace, account: spec.serviceAccount.name }));
  const choices: readonly Choice[] = [
    { name: 'state', label: 'State', any: 'Any state', values: same(ORDER) },
    ...ownerChoices(owners, filters),
  ];
  return (
    <>
      <FilterBar filters={filters} choices={choices} />
      {error !== undefined && <Failed error={error} again={refresh} />}
      <p class="summary" role="status">
        {rows.length === value.length
          ? counted(value.length, 'grant')
          : `${rows.length} of ${counted(value.length, 'grant')}`}
      </p>
      {rows.length === 0 && (
        <Empty title={value.length === 0 ? 'Nobody asked for anything' : 'Nothing matches'}>
          <p>{value.length === 0 ? 'A waiver is asked for from a denial.' : 'Other filters show more.'}</p>
        </Empty>
      )}
      {rows.length > 0 && <Rows what="Grants" items={rows.map(asRow)} />}
    </>
  );
}

function compared(a: StoredGrant, b: StoredGrant): number {
  return (
    ORDER.indexOf(a.state.state) - ORDER.indexOf(b.state.state) ||
    (a.state.state === 'Active' ? (a.state.expiresAtMs ?? 0) - (b.state.expiresAtMs ?? 0) : 0) ||
    b.createdAt.localeCompare(a.createdAt)
  );
}

function asRow({ namespace, name, spec, state, createdAt }: StoredGrant) {
  return {
    key: `${namespace}/${name}`,
    href: pathOf({ view: 'grants', open: { namespace, name } }),
    waiting: state.state === 'Pending',
    content: (
      <>
        <span class="line">
          <strong>{shown(`${namespace}/${spec.workload?.name ?? spec.serviceAccount.name}`)}</strong>
          <span class="muted">
            {spec.workload === undefined ? 'all of the account' : shown(spec.workload.kind, 63)}
          </span>
          <span class="end muted">
            <Ago time={createdAt} />
          </span>
        </span>
        <span class="line">
          <Pill kind="state" value={state.state} />
          <span class="muted">{counted(spec.scopes?.length ?? 0, 'scope')}</span>
          {state.state === 'Active' && state.expiresAtMs !== undefined && (
            <Left untilMs={state.expiresAtMs} />
          )}
          <span class="end muted">for {shown(spec.duration ?? '', 20)}</span>
        </span>
        <span class="line muted">asked by {shown(spec.requester, 120)}</span>
      </>
    ),
  };
}

export function GrantView({ place }: { readonly place: Place }) {
  const { live } = usePage();
  const { value, error } = live.grants;
  const grant = value?.find(({ namespace, name }) => namespace === place.namespace && name === place.name);
  if (grant === undefined && value === undefined && error === undefined) return <Loading what="the grant" />;
  if (grant === undefined)
    return (
      <Empty title={`${shown(place.name, 60)} is not there`}>
        <p>It was cleared away, is in a namespace that you don’t see, or never was.</p>
      </Empty>
    );
  const { namespace, name, spec, status } = grant;
  return (
    <article class="detail">
      <Heading
        over={`Grant ${shown(name)}`}
        title={shown(`${namespace}/${spec.workload?.name ?? spec.serviceAccount.name}`)}
        after={spec.workload === undefined ? 'all of the account' : shown(spec.workload.kind, 63)}
        id={`${namespace}/${name}`}
      />
      <GrantCard grant={grant} linked={false} />
      <dl class="facts">
        <Fact name="Uses">
          {status.uses ?? 0}
          {status.lastUsed !== undefined && (
            <>
              , last <Ago time={status.lastUsed} />
            </>
          )}
        </Fact>
        {status.message !== undefined && <Fact name="Said">{shown(status.message, 2048)}</Fact>}
        {spec.decision !== undefined && (
          <Fact name="Asked for">
            <a href={pathOf({ view: 'denials', open: { namespace, name: spec.decision } })}>
              denial {spec.decision}
            </a>
          </Fact>
        )}
      </dl>
    </article>
  );
}
