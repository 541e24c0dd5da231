import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { StoredDenial, StoredGrant } from '../desk/desk.ts';
import type { Change } from '../server/review/changes.ts';
import { ApiError, asApiError, readDenials, readGrants, send } from './api.ts';

/** What is known of a list. It stays while a newer one is fetched, and when that fails. */
export interface Loaded<T> {
  readonly value: T | undefined;
  readonly error: ApiError | undefined;
}

export interface Live {
  readonly denials: Loaded<readonly StoredDenial[]>;
  readonly grants: Loaded<readonly StoredGrant[]>;
  /** The server tells of changes. */
  readonly connected: boolean;
  /** Why it does not. */
  readonly error: ApiError | undefined;
}

const NOTHING = { value: undefined, error: undefined };
const START: Live = { denials: NOTHING, grants: NOTHING, connected: false, error: undefined };
const AGAIN_MS = 3000;

type Step = Partial<Live> | ((old: Live) => Partial<Live>);

function merged(old: Live, step: Step): Live {
  return { ...old, ...(typeof step === 'function' ? step(old) : step) };
}

/** Both lists, kept up to date for as long as somebody looks at the page; `refresh` reads them now. */
export function useLive(): readonly [live: Live, refresh: () => void] {
  const [live, change] = useReducer(merged, START);
  const known = useRef({ denials: '', grants: '' });

  const load = useRef({
    async denials(): Promise<void> {
      try {
        change({ denials: { value: await readDenials(), error: undefined } });
      } catch (error) {
        change(({ denials }) => ({ denials: { ...denials, error: asApiError(error) } }));
      }
    },
    async grants(): Promise<void> {
      try {
        change({ grants: { value: await readGrants(), error: undefined } });
      } catch (error) {
        change(({ grants }) => ({ grants: { ...grants, error: asApiError(error) } }));
      }
    },
  }).current;

  function told(news: Change): void {
    if (news.kind === 'failure') {
      const { code, message } = news.failure;
      change({ error: new ApiError(code, message) });
      if (known.current.denials === '') void load.denials();
      if (known.current.grants === '') void load.grants();
      return;
    }
    change({ error: undefined });
    if (news.denials !== known.current.denials) void load.denials();
    if (news.grants !== known.current.grants) void load.grants();
    known.current = news;
  }

  useEffect(() => {
    let stopped = false;
    let current: AbortController | undefined;
    async function follow(): Promise<void> {
      if (stopped || document.hidden || current !== undefined) return;
      const own = new AbortController();
      current = own;
      try {
        await readEvents(own.signal, (news) => {
          change({ connected: true });
          told(news);
        });
      } catch (error) {
        if (!own.signal.aborted) change({ error: asApiError(error) });
      }
      if (current === own) current = undefined;
      change({ connected: false });
      if (!own.signal.aborted) setTimeout(() => void follow(), AGAIN_MS);
    }
    /** A page that nobody looks at keeps no server up. */
    function seen(): void {
      if (!document.hidden) return void follow();
      current?.abort();
      current = undefined;
    }
    document.addEventListener('visibilitychange', seen);
    void follow();
    return () => {
      stopped = true;
      document.removeEventListener('visibilitychange', seen);
      current?.abort();
    };
  }, []);

  const refresh = useRef(() => {
    void load.denials();
    void load.grants();
  }).current;
  return [live, refresh];
}

/** Server-sent events over fetch, since EventSource sends no token. Ends when the server does. */
async function readEvents(signal: AbortSignal, tell: (change: Change) => void): Promise<void> {
  const { body } = await send('/api/events', { signal });
  if (body === null) return;
  let rest = '';
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.*)$/mu.exec(event)?.[1];
      if (data !== undefined) tell(JSON.parse(data) as Change);
    }
  }
}
