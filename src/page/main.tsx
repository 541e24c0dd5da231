import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type ApiError, asApiError, type Me, readMe } from './api.ts';
import { App } from './app.tsx';
import { Command, Failed, Loading } from './parts.tsx';
import { openSession } from './session.ts';

type Start =
  | { readonly kind: 'wait' }
  | { readonly kind: 'closed'; readonly why: string }
  | { readonly kind: 'failed'; readonly error: ApiError }
  | { readonly kind: 'open'; readonly me: Me };

function Root() {
  const [start, setStart] = useState<Start>({ kind: 'wait' });
  async function begin(): Promise<void> {
    try {
      const session = await openSession();
      setStart(session.kind === 'open' ? { kind: 'open', me: await readMe() } : session);
    } catch (failure) {
      const error = asApiError(failure);
      setStart(
        error.code === 'ERR_TOKEN' ? { kind: 'closed', why: error.message } : { kind: 'failed', error },
      );
    }
  }
  useEffect(() => void begin(), []);
  switch (start.kind) {
    case 'open':
      return <App me={start.me} />;
    case 'wait':
      return (
        <main class="alone">
          <Loading what="who you are" />
        </main>
      );
    case 'failed':
      return (
        <main class="alone">
          <h1>Countersign</h1>
          <Failed error={start.error} again={() => void begin()} />
        </main>
      );
    case 'closed':
      return (
        <main class="alone">
          <h1>Countersign</h1>
          <p>This page opens by the link that is printed in the terminal, once for each run:</p>
          <Command text="countersign ui" />
          <p class="muted">{start.why}</p>
        </main>
      );
  }
}

const root = document.getElementById('page');
if (root !== null) render(<Root />, root);
