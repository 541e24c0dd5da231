import { useEffect, useRef, useState } from 'preact/hooks';
import { shown } from '../core/text.ts';
import type { ApiError, Me } from './api.ts';
import { AskDialog } from './ask-dialog.tsx';
import { DecideDialog } from './decide-dialog.tsx';
import { DenialView } from './denial-view.tsx';
import { Grants, GrantView } from './grants.tsx';
import { HelpDialog } from './help-dialog.tsx';
import { onKey } from './keys.ts';
import { type Live, useLive } from './live.ts';
import { type Dialog, PageContext } from './page.ts';
import { Empty } from './parts.tsx';
import { Queue } from './queue.tsx';
import { ReportView } from './report-view.tsx';
import { type Route, readRoute } from './route.ts';
import { Top } from './top.tsx';

const SAID_MS = 6000;

export function App({ me }: { readonly me: Me }) {
  const [live, refresh] = useLive();
  const [address, setAddress] = useState(addressNow());
  const [dialog, open] = useState<Dialog>();
  const [said, say] = useState('');
  const route = readRoute(address.path);

  const actions = useRef({
    go: (path: string) => {
      history.pushState(null, '', path);
      setAddress(addressNow());
    },
    filter: (query: string) => {
      history.replaceState(null, '', location.pathname + query);
      setAddress(addressNow());
    },
    help: () => open({ kind: 'help' }),
  }).current;

  useEffect(() => {
    const moved = () => setAddress(addressNow());
    const pressed = (event: KeyboardEvent) => onKey(event, actions);
    const clicked = (event: MouseEvent) => followed(event, actions.go);
    addEventListener('popstate', moved);
    document.addEventListener('keydown', pressed);
    document.addEventListener('click', clicked);
    return () => {
      removeEventListener('popstate', moved);
      document.removeEventListener('keydown', pressed);
      document.removeEventListener('click', clicked);
    };
  }, []);

  useEffect(() => {
    if (said === '') return undefined;
    const timer = setTimeout(() => say(''), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);

  useGivenBack(route);
  const { search } = address;
  return (
    <PageContext.Provider
      value={{ me, live, refresh, route, search, go: actions.go, filter: actions.filter, open, say }}
    >
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Top onHelp={actions.help} />
      {live.error !== undefined && !isSaidBelow(live, route) && <Stale error={live.error} />}
      <main id="main" tabIndex={-1} class={mainClass(route)}>
        <Views route={route} />
      </main>
      <p class={said === '' ? 'said-none' : 'said'} role="status">
        {said}
      </p>
      {dialog !== undefined && <DialogOf dialog={dialog} onClose={() => open(undefined)} />}
    </PageContext.Provider>
  );
}

/** The list itself says why there is none. */
function isSaidBelow(live: Live, { view }: Route): boolean {
  return view !== 'report' && live[view].value === undefined && live[view].error !== undefined;
}

/** What is shown stays, and may be old. */
function Stale({ error }: { readonly error: ApiError }) {
  return (
    <p class="stale" role="status">
      Not up to date: {shown(error.message.split('\n')[0] ?? '', 300)}
    </p>
  );
}

function Views({ route }: { readonly route: Route }) {
  if (route.view === 'report') return <ReportView />;
  const isDenials = route.view === 'denials';
  return (
    <>
      <section class="list" aria-label={isDenials ? 'Denials' : 'Grants'}>
        {isDenials ? <Queue /> : <Grants />}
      </section>
      <section class="one" aria-label="Details">
        {route.open === undefined && (
          <Empty title="Nothing is open">
            <p>Choose a row on the left; j and k move, Enter opens.</p>
          </Empty>
        )}
        {route.open !== undefined &&
          (isDenials ? <DenialView place={route.open} /> : <GrantView place={route.open} />)}
      </section>
    </>
  );
}

function DialogOf({ dialog, onClose }: { readonly dialog: Dialog; readonly onClose: () => void }) {
  switch (dialog.kind) {
    case 'decide':
      return <DecideDialog grant={dialog.grant} decision={dialog.decision} onClose={onClose} />;
    case 'ask':
      return <AskDialog denial={dialog.denial} onClose={onClose} />;
    case 'help':
      return <HelpDialog onClose={onClose} />;
  }
}

/** Whoever comes back from one row to the list is where they left it. */
function useGivenBack(route: Route): void {
  const key =
    route.view !== 'report' && route.open !== undefined ? `${route.open.namespace}/${route.open.name}` : '';
  const before = useRef(key);
  useEffect(() => {
    const left = before.current;
    before.current = key;
    if (key === '' && left !== '')
      document.querySelector<HTMLElement>(`[data-row="${CSS.escape(left)}"]`)?.focus();
  }, [key]);
}

function addressNow(): { readonly path: string; readonly search: string } {
  return { path: location.pathname, search: location.search };
}

function mainClass(route: Route): string {
  if (route.view === 'report') return 'wide';
  return route.open === undefined ? 'panes' : 'panes opened';
}

/** Links within the page change the address and nothing else; with a modifier they are the browser's. */
function followed(event: MouseEvent, go: (path: string) => void): void {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey)
    return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const href = link?.getAttribute('href') ?? '';
  if (link === null || link.hasAttribute('download') || !href.startsWith('/')) return;
  event.preventDefault();
  go(href);
}
