import { counted, shown } from '../core/text.ts';
import { lastRefused } from '../core/verdict/last-refusal.ts';
import type { StoredDenial, StoredGrant } from '../desk/desk.ts';
import { Ago } from './clock.tsx';
import { Findings } from './findings.tsx';
import { Fixes } from './fixes.tsx';
import { GrantCard } from './grant-card.tsx';
import { Heading } from './heading.tsx';
import { usePage, useRights } from './page.ts';
import { Copy, Empty, Fact, Loading, Pill } from './parts.tsx';
import { Recheck } from './recheck.tsx';
import type { Place } from './route.ts';
import { Waiver } from './waiver.tsx';

/** One denial: what was refused and why, whether it still would be, and what can be done. */
export function DenialView({ place }: { readonly place: Place }) {
  const { live } = usePage();
  const { value, error } = live.denials;
  const denial = value?.find(({ namespace, name }) => namespace === place.namespace && name === place.name);
  if (denial !== undefined) return <Denial denial={denial} />;
  if (value === undefined && error === undefined) return <Loading what="the denial" />;
  return (
    <Empty title={`${shown(place.name, 60)} is not there`}>
      <p>It was cleared away, is in a namespace that you don’t see, or never was.</p>
    </Empty>
  );
}

function Denial({ denial }: { readonly denial: StoredDenial }) {
  const { live } = usePage();
  const { namespace, name, spec, status } = denial;
  const rights = useRights(namespace);
  const grants = (live.grants.value ?? []).filter((one) => isFor(one, denial));
  const waits = grants.some(({ state }) => state.state === 'Pending' || state.state === 'Active');
  return (
    <article class="detail">
      <Heading
        over={`Denial ${shown(name, 60)}`}
        title={shown(`${namespace}/${spec.workload.name}`)}
        after={shown(spec.workload.kind, 63)}
        id={`${namespace}/${name}`}
      />
      <div class="line">
        <Pill kind="state" value={status.state ?? 'Open'} />
        {status.message !== undefined && status.message !== '' && <span>{shown(status.message, 500)}</span>}
      </div>
      <p class="lead">{shown(spec.summary, 600)}</p>
      <dl class="facts">
        <Fact name="Service account">{shown(`${namespace}/${spec.serviceAccount.name}`)}</Fact>
        <Fact name="Policy">{shown(spec.policy)}</Fact>
        <Needs denial={denial} />
        <Fact name="Refused">
          {counted(status.count ?? 1, 'time')}, last <Ago time={status.lastSeen} />, first{' '}
          <Ago time={status.firstSeen} />
        </Fact>
        <Fact name="Tried by">
          {(status.requesters ?? []).map((one) => `${shown(one.name)} (${one.count})`).join(', ') ||
            'not recorded'}
        </Fact>
        <Fact name="Decision">
          <code>{name}</code> <Copy text={name} what="the decision’s id" />
        </Fact>
      </dl>
      {grants.map((grant) => (
        <GrantCard key={grant.uid} grant={grant} />
      ))}
      <Findings findings={spec.findings} more={spec.moreFindings ?? 0} />
      <Recheck denial={denial} may={rights?.recheck} />
      <Fixes denial={denial} />
      {rights?.ask === true && !waits && <Waiver denial={denial} />}
    </article>
  );
}

const MAX_NEEDS = 20;

/** What the workload declared to need; nothing where that is not recorded. */
function Needs({ denial }: { readonly denial: StoredDenial }) {
  const { needs, moreNeeds = 0 } = lastRefused(denial);
  if (needs === undefined) return null;
  const more = moreNeeds + Math.max(0, needs.length - MAX_NEEDS);
  return (
    <Fact name="Needs">
      {needs.slice(0, MAX_NEEDS).map((need) => (
        <div key={need}>
          <code class="scope">{shown(need, 1000)}</code>
        </div>
      ))}
      {more > 0 && <div>and {more} more</div>}
      {needs.length + more === 0 && 'nothing'}
    </Fact>
  );
}

function isFor({ namespace, spec }: StoredGrant, denial: StoredDenial): boolean {
  return namespace === denial.namespace && spec.decision === denial.name;
}
