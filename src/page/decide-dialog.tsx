import { useState } from 'preact/hooks';
import { shown } from '../core/text.ts';
import type { GrantVerdict, StoredGrant } from '../desk/desk.ts';
import { type ApiError, asApiError, decide } from './api.ts';
import { Modal } from './dialog.tsx';
import { Scopes } from './grant-card.tsx';
import { usePage } from './page.ts';
import { Fact, Failed, Prose } from './parts.tsx';
import { ReasonField, reasonProblem } from './reason-field.tsx';

interface DecideProps {
  /** As it was when the dialog was opened: that is what is decided on, whatever comes meanwhile. */
  readonly grant: StoredGrant;
  readonly decision: GrantVerdict['decision'];
  readonly onClose: () => void;
}

const WORDS: Readonly<Record<GrantVerdict['decision'], { readonly effect: string; readonly done: string }>> =
  {
    Approve: { effect: 'The clock starts now.', done: 'Approved' },
    Reject: { effect: 'This is final: another waiver has to be asked for.', done: 'Rejected' },
    Revoke: { effect: 'It ends at once, for good. What runs already goes on running.', done: 'Revoked' },
  };

/** The exact scopes once more, and why. */
export function DecideDialog({ grant, decision, onClose }: DecideProps) {
  const { say, refresh, live } = usePage();
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState('');
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const { namespace, name, uid, scopesDigest, spec } = grant;
  const now = live.grants.value?.find((one) => one.namespace === namespace && one.name === name);
  const changed = now !== undefined && (now.uid !== uid || now.state.state !== grant.state.state);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const wrong = reasonProblem(reason);
    setProblem(wrong);
    if (wrong !== '') return document.getElementById('reason')?.focus();
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      await decide({
        namespace,
        grant: name,
        grantUID: uid,
        scopesDigest: scopesDigest || 'unreadable',
        decision,
        reason,
      });
      say(`${WORDS[decision].done}: ${shown(name, 100)}`);
      refresh();
      onClose();
    } catch (failure) {
      setError(asApiError(failure));
      setBusy(false);
    }
  }

  return (
    <Modal title={`${decision} this waiver`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Scopes grant={grant} />
        <dl class="facts">
          <Fact name="For how long">{shown(spec.duration ?? 'as long as the policy lets it', 20)}</Fact>
          <Fact name="Asked by">
            {shown(spec.requester)}
            <Prose text={spec.reason} />
          </Fact>
        </dl>
        {changed && (
          <p class="note" role="alert">
            It has changed since you opened this: it is {now?.state.state} now.
          </p>
        )}
        <ReasonField
          label={`Why do you ${decision.toLowerCase()} it?`}
          hint="Kept with the decision, and read by whoever asked."
          value={reason}
          problem={problem}
          onValue={setReason}
        />
        {error !== undefined && <Failed error={error} />}
        <div class="buttons">
          <button type="submit" class={decision === 'Approve' ? 'main' : 'danger'} aria-disabled={busy}>
            {busy ? 'Sending …' : decision}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <span class="muted">{WORDS[decision].effect}</span>
        </div>
      </form>
    </Modal>
  );
}
