import { answerOf } from '../../admit/answer.ts';
import { judgeClaim } from '../../admit/judge.ts';
import type { Facts } from '../../admit/ports.ts';
import type { DenialStatus } from '../../api/denial.ts';
import { shown } from '../../core/text.ts';
import { timeText } from './change.ts';
import type { DenialEntry } from './entry.ts';

/** With what a workload is judged again. */
export interface Rechecking {
  readonly facts: Facts;
  readonly factsMaxAgeSeconds: number;
  readonly now: () => Date;
  readonly scrub: (text: string) => string;
}

type Recheck = NonNullable<DenialStatus['recheck']>;

const OUTCOMES = { allow: 'Pass', warn: 'Warn', deny: 'Deny', error: 'Unknown' } as const;
const MAX_MESSAGE = 1000;

/** The answer to a person who asks what would be said now, by the very judgement of an admission, on the facts at hand. */
export async function recheck(
  entry: DenialEntry,
  requestedAt: string,
  { facts, factsMaxAgeSeconds, now, scrub }: Rechecking,
  signal: AbortSignal,
): Promise<Recheck> {
  const checkedAt = timeText(now().getTime());
  const workload = workloadOf(entry, facts);
  if (workload === undefined) {
    const message = 'it does not run as this service account: apply it again';
    return { requestedAt, checkedAt, outcome: 'Unknown', message };
  }
  await facts.prepareVault(workload.account, signal);
  const judgement = judgeClaim(workload, facts, {
    moment: 'change',
    dryRun: false,
    openWorld: false,
    factsMaxAgeSeconds,
    nowMs: now().getTime(),
  });
  const { verdict, refusal, warnings = [] } = answerOf(judgement);
  const said = refusal?.message.split('\n') ?? (verdict === 'warn' ? warnings : []);
  const [first = 'it would be admitted'] = said;
  return { requestedAt, checkedAt, outcome: OUTCOMES[verdict], message: shown(scrub(first), MAX_MESSAGE) };
}

/** The running workload that a denial is about. */
export function workloadOf({ namespace, workload, account }: DenialEntry, facts: Pick<Facts, 'runningAs'>) {
  return facts
    .runningAs({ namespace, name: account.name })
    .find(({ kind, name }) => kind === workload.kind && name === workload.name);
}
