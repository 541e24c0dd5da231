import { useEffect, useState } from 'preact/hooks';
import { agoText, exactText, leftText } from './time.ts';

/** The time, again and again. */
function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

export function Ago({ time }: { readonly time: string | undefined }) {
  const now = useNow(10_000);
  const text = agoText(time, now);
  const exact = exactText(Date.parse(time ?? ''));
  return text === '' ? null : (
    <time dateTime={exact} title={exact}>
      {text}
    </time>
  );
}

/** Counts down; the exact end is in the title. */
export function Left({ untilMs }: { readonly untilMs: number }) {
  const now = useNow(1000);
  const exact = exactText(untilMs);
  return (
    <time class="left" dateTime={exact} title={`until ${exact}`} role="timer" aria-live="off">
      {untilMs <= now ? 'ended' : `${leftText((untilMs - now) / 1000)} left`}
    </time>
  );
}
