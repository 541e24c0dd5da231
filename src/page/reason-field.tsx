interface ReasonProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly problem: string;
  readonly onValue: (value: string) => void;
}

export function ReasonField({ label, hint, value, problem, onValue }: ReasonProps) {
  return (
    <div class="field">
      <label for="reason">{label}</label>
      <textarea
        id="reason"
        rows={3}
        maxLength={2000}
        required
        aria-invalid={problem !== ''}
        aria-describedby="reason-hint"
        value={value}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
      <p
        id="reason-hint"
        class={problem === '' ? 'muted' : 'problem'}
        role={problem === '' ? undefined : 'alert'}
      >
        {problem === '' ? hint : problem}
      </p>
    </div>
  );
}

export function reasonProblem(reason: string): string {
  return reason.trim() === '' ? 'A reason is needed.' : '';
}
