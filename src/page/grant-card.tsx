import { counted, shown } from '../core/text.ts';
import type { GrantVerdict, StoredGrant } from '../desk/desk.ts';
import { Ago, Left } from './clock.tsx';
import { decisionsOn } from './may-decide.ts';
import { usePage, useRights } from './page.ts';
import { Fact, Pill, Prose } from './parts.tsx';
import { pathOf } from './route.ts';

/** A grant as it was asked for, what was decided, and what the viewer may decide. */
export function GrantCard({
  grant,
  linked = true,
}: {
  readonly grant: StoredGrant;
  readonly linked?: boolean;
}) {
  const { namespace, name, spec, state } = grant;
  const waits = state.state === 'Pending';
  const endsAtMs = state.state === 'Active' ? state.expiresAtMs : undefined;
  return (
    <section class={waits ? 'card waiting' : 'card'} aria-label={`Waiver ${shown(name)}`}>
      <div class="line">
        <Pill kind="state" value={state.state} />
        <strong>
          {shown(spec.requester)} {waits ? 'asks' : 'asked'} for {shown(spec.duration ?? 'a time', 20)}
          {endsAtMs !== undefined && ','}
        </strong>
        {endsAtMs !== undefined && <Left untilMs={endsAtMs} />}
        <span class="end muted">
          <Ago time={grant.createdAt} />
        </span>
      </div>
      <Prose text={spec.reason} />
      <Scopes grant={grant} />
      {linked && (
        <p>
          <a href={pathOf({ view: 'grants', open: { namespace, name } })}>Grant {shown(name)}</a>
        </p>
      )}
      <History grant={grant} />
      <Buttons grant={grant} />
    </section>
  );
}

/** Exactly what would be waived. */
export function Scopes({ grant: { namespace, spec } }: { readonly grant: StoredGrant }) {
  const { scopes = [], checks, workload, serviceAccount, ticket = '' } = spec;
  return (
    <dl class="facts">
      <Fact name="Waives">
        {checks.map((check) => shown(check, 40)).join(', ')} of {counted(scopes.length, 'scope')}
        <ul class="scopes">
          {scopes.map((scope) => (
            <li key={scope}>
              <code class="scope">{shown(scope, 1000)}</code>
            </li>
          ))}
        </ul>
      </Fact>
      <Fact name="For">
        {workload === undefined
          ? `every workload of ${shown(`${namespace}/${serviceAccount.name}`)}`
          : `${shown(workload.kind, 63)} ${shown(workload.name)}, running as ${shown(`${namespace}/${serviceAccount.name}`)}`}
      </Fact>
      {ticket !== '' && <Fact name="Ticket">{shown(ticket)}</Fact>}
    </dl>
  );
}

function History({ grant: { decisions } }: { readonly grant: StoredGrant }) {
  if (decisions.length === 0) return null;
  return (
    <ol class="history" aria-label="Decisions">
      {decisions.map(({ name, spec, createdAt }) => (
        <li key={name}>
          <strong>{PAST[spec.decision]}</strong> by {shown(spec.by)} <Ago time={createdAt} />
          <Prose text={spec.reason} />
        </li>
      ))}
    </ol>
  );
}

const PAST: Readonly<Record<GrantVerdict['decision'], string>> = {
  Approve: 'Approved',
  Reject: 'Rejected',
  Revoke: 'Revoked',
};

const KEYS: Readonly<Record<GrantVerdict['decision'], string>> = { Approve: 'a', Reject: 'x', Revoke: 'v' };

function Buttons({ grant }: { readonly grant: StoredGrant }) {
  const { open, me } = usePage();
  const rights = useRights(grant.namespace);
  const { offered, why } = decisionsOn(grant, me.viewer, rights);
  return (
    <>
      {why !== '' && <p class="muted">{why}</p>}
      {offered.length > 0 && (
        <div class="buttons">
          {offered.map((decision) => (
            <button
              key={decision}
              type="button"
              class={decision === 'Approve' ? 'main' : 'danger'}
              data-key={KEYS[decision]}
              aria-keyshortcuts={KEYS[decision]}
              onClick={() => open({ kind: 'decide', grant, decision })}
            >
              {decision} …
            </button>
          ))}
        </div>
      )}
    </>
  );
}
