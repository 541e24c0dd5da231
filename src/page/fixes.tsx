import { useEffect, useState } from 'preact/hooks';
import { isOfManifest, MEND_MANIFEST } from '../core/verdict/waivable.ts';
import type { StoredDenial } from '../desk/desk.ts';
import { type ApiError, asApiError, readProposal } from './api.ts';
import { usePage } from './page.ts';
import { Command, Copy, Failed } from './parts.tsx';

/** The smallest change after which it passes, and the commands that say the same. */
export function Fixes({ denial }: { readonly denial: StoredDenial }) {
  const { me } = usePage();
  const { name, namespace, spec } = denial;
  const byHand = isOfManifest(spec.findings);
  return (
    <section>
      <h3>What fixes it</h3>
      {byHand && <p>Nothing in the cluster: {MEND_MANIFEST}.</p>}
      {me.proposals && !byHand && <Proposal denial={denial} />}
      <p class="muted">On the command line:</p>
      <Command text={`kubectl countersign explain ${name} -n ${namespace}`} />
      {!byHand && <Command text={`kubectl countersign fix ${name} -n ${namespace}`} />}
    </section>
  );
}

type Asked = 'no' | 'asked' | { readonly text: string } | { readonly error: ApiError };

function Proposal({ denial }: { readonly denial: StoredDenial }) {
  const [asked, setAsked] = useState<Asked>('no');
  useEffect(() => setAsked('no'), [denial.uid]);
  async function start(): Promise<void> {
    setAsked('asked');
    try {
      setAsked(await readProposal(denial));
    } catch (error) {
      setAsked({ error: asApiError(error) });
    }
  }
  if (asked === 'no')
    return (
      <button type="button" data-key="p" aria-keyshortcuts="p" onClick={() => void start()}>
        Work out the smallest change
      </button>
    );
  if (asked === 'asked') return <p role="status">Reading roles and bindings with your rights …</p>;
  if ('error' in asked) return <Failed error={asked.error} again={() => void start()} />;
  return (
    <div class="proposal">
      <Copy text={asked.text} what="the proposed change" />
      {/* biome-ignore lint: a region that scrolls is reached by keyboard */}
      <pre tabIndex={0} role="region" aria-label="The proposed change">
        {asked.text}
      </pre>
    </div>
  );
}
