import { useState } from 'preact/hooks';
import { shown } from '../core/text.ts';
import type { GrantWish, StoredDenial } from '../desk/desk.ts';
import { type ApiError, asApiError, ask } from './api.ts';
import { Modal } from './dialog.tsx';
import { usePage } from './page.ts';
import { Failed, Pill } from './parts.tsx';
import { ReasonField, reasonProblem } from './reason-field.tsx';
import { checksFor, waivable } from './wish.ts';

const DURATIONS = ['1h', '4h', '8h', '24h', '72h'] as const;

/** Asks for a waiver of what a denial found: all of it, or less. */
export function AskDialog({
  denial,
  onClose,
}: {
  readonly denial: StoredDenial;
  readonly onClose: () => void;
}) {
  const { say, refresh } = usePage();
  const findings = waivable(denial);
  const scopes = [...new Set(findings.flatMap(({ scope }) => scope ?? []))];
  const [without, setWithout] = useState<readonly string[]>([]);
  const [reason, setReason] = useState('');
  const [ticket, setTicket] = useState('');
  const [duration, setDuration] = useState('4h');
  const [problem, setProblem] = useState('');
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const chosen = scopes.filter((scope) => !without.includes(scope));

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const wrong = reasonProblem(reason);
    setProblem(wrong);
    if (wrong !== '') return document.getElementById('reason')?.focus();
    if (busy) return;
    setBusy(true);
    const { namespace, name, spec } = denial;
    const wish: GrantWish = {
      namespace,
      serviceAccount: spec.serviceAccount,
      workload: spec.workload,
      scopes: chosen,
      checks: checksFor(findings, chosen),
      reason,
      ...(ticket !== '' && { ticket }),
      duration,
      decision: name,
    };
    try {
      await ask(wish);
      say('Asked. Another person approves or rejects it.');
      refresh();
      onClose();
    } catch (failure) {
      setError(asApiError(failure));
      setBusy(false);
    }
  }

  const toggle = (scope: string) =>
    setWithout(without.includes(scope) ? without.filter((one) => one !== scope) : [...without, scope]);

  return (
    <Modal title="Ask for a waiver" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        {scopes.length > 0 && (
          <fieldset>
            <legend>
              What it waives, for {shown(`${denial.namespace}/${denial.spec.workload.name}`)} alone
            </legend>
            {scopes.map((scope) => (
              <label key={scope} class="check">
                <input type="checkbox" checked={!without.includes(scope)} onChange={() => toggle(scope)} />
                <code class="scope">{shown(scope, 512)}</code>
                <Pill kind="risk" value={findings.find((one) => one.scope === scope)?.risk ?? ''} />
              </label>
            ))}
          </fieldset>
        )}
        <ReasonField
          label="Why is it needed?"
          hint="Read by whoever approves."
          value={reason}
          problem={problem}
          onValue={setReason}
        />
        <div class="pair">
          <div class="field">
            <label for="duration">For how long, once approved</label>
            <select
              id="duration"
              value={duration}
              onChange={({ currentTarget }) => setDuration(currentTarget.value)}
            >
              {DURATIONS.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </div>
          <div class="field">
            <label for="ticket">Ticket, if there is one</label>
            <input
              id="ticket"
              maxLength={253}
              autocomplete="off"
              value={ticket}
              onInput={({ currentTarget }) => setTicket(currentTarget.value)}
            />
          </div>
        </div>
        {error !== undefined && <Failed error={error} />}
        <div class="buttons">
          <button type="submit" class="main" aria-disabled={busy}>
            {busy ? 'Sending …' : 'Ask'}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  );
}
