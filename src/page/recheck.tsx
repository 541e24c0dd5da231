import { useState } from 'preact/hooks';
import { shown } from '../core/text.ts';
import type { StoredDenial } from '../desk/desk.ts';
import { type ApiError, asApiError, recheck } from './api.ts';
import { Ago } from './clock.tsx';
import { Failed } from './parts.tsx';

const ANSWERS: Readonly<Record<string, string>> = {
  Pass: 'Yes, it would pass',
  Warn: 'Yes, with warnings',
  Deny: 'No, it would be refused',
  Unknown: 'It can’t be said',
};

/** Asks the leader to judge the workload again as it is stored; what it says comes with the next change of the denial. */
export function Recheck({
  denial,
  may,
}: {
  readonly denial: StoredDenial;
  readonly may: boolean | undefined;
}) {
  const answer = denial.status.recheck;
  const [asked, setAsked] = useState<{ readonly id: string; readonly before: string }>();
  const [error, setError] = useState<ApiError>();
  const waiting = asked?.id === denial.uid && asked.before === (answer?.requestedAt ?? '');
  async function start(): Promise<void> {
    setError(undefined);
    setAsked({ id: denial.uid, before: answer?.requestedAt ?? '' });
    try {
      await recheck(denial);
    } catch (failure) {
      setError(asApiError(failure));
      setAsked(undefined);
    }
  }
  return (
    <section>
      <h3>Would it pass now?</h3>
      <div role="status">
        {answer === undefined && !waiting && <p class="muted">Nobody has asked since it was refused.</p>}
        {answer !== undefined && !waiting && (
          <p class={`answer answer-${answer.outcome.toLowerCase()}`}>
            <strong>{ANSWERS[answer.outcome]}</strong>{' '}
            <span class="muted">
              (<Ago time={answer.checkedAt} />)
            </span>
            {answer.message !== '' && <span class="said">{shown(answer.message, 2048)}</span>}
          </p>
        )}
        {waiting && <p class="muted">Asked. Countersign answers within seconds …</p>}
      </div>
      {error !== undefined && <Failed error={error} />}
      {may === true && (
        <button
          type="button"
          data-key="c"
          aria-keyshortcuts="c"
          onClick={() => void start()}
          aria-disabled={waiting}
        >
          Check again
        </button>
      )}
    </section>
  );
}
