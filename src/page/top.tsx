import { shown } from '../core/text.ts';
import { usePage } from './page.ts';
import type { View } from './route.ts';

const VIEWS: readonly (readonly [view: View, name: string])[] = [
  ['denials', 'Denials'],
  ['grants', 'Grants'],
  ['report', 'Report'],
];

/** Where one is, who one is, and whether what is shown is fresh. */
export function Top({ onHelp }: { readonly onHelp: () => void }) {
  const { me, live, route } = usePage();
  const waiting = live.grants.value?.filter(({ state }) => state.state === 'Pending').length ?? 0;
  return (
    <header class="top">
      <h1>
        <a href="/denials">Countersign</a>
      </h1>
      <nav aria-label="Views">
        {VIEWS.map(([view, name]) => (
          <a key={view} href={`/${view}`} aria-current={view === route.view ? 'page' : undefined}>
            {name}
            {view === 'grants' && waiting > 0 && (
              <span class="count">
                {waiting}
                <span class="unseen"> waiting</span>
              </span>
            )}
          </a>
        ))}
      </nav>
      <span class="who">
        <strong>{shown(me.viewer.username, 100)}</strong>
        <span class="muted">
          {shown(me.context, 60)}
          {me.namespace !== undefined && ` / ${shown(me.namespace, 63)}`}
        </span>
      </span>
      <LiveState />
      <button type="button" class="quiet" onClick={onHelp} aria-label="Keys and help" aria-keyshortcuts="?">
        ?
      </button>
    </header>
  );
}

function LiveState() {
  const { live } = usePage();
  const ok = live.connected && live.error === undefined;
  const text = ok ? 'Live' : live.error === undefined ? 'Connecting' : 'Not live';
  return (
    <span
      class={ok ? 'live on' : 'live'}
      title={live.error === undefined ? '' : shown(live.error.message, 300)}
      role="status"
    >
      {text}
    </span>
  );
}
