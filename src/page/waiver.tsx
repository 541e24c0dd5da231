import { shown } from '../core/text.ts';
import { isOfManifest } from '../core/verdict/waivable.ts';
import type { StoredDenial } from '../desk/desk.ts';
import { usePage } from './page.ts';
import { waivable } from './wish.ts';

/** Asking for a waiver, where the policy lets grants waive something of it. */
export function Waiver({ denial }: { readonly denial: StoredDenial }) {
  const { open } = usePage();
  if (isOfManifest(denial.spec.findings)) return null;
  if (waivable(denial).length === 0)
    return <p class="muted">Policy {shown(denial.spec.policy)} lets no grant waive any of it.</p>;
  return (
    <section>
      <h3>Or live with it for a while</h3>
      <p>A waiver lets the workload pass for a time, once another person approves it.</p>
      <button type="button" data-key="w" aria-keyshortcuts="w" onClick={() => open({ kind: 'ask', denial })}>
        Ask for a waiver …
      </button>
    </section>
  );
}
