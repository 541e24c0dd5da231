import { isLeftToEnd } from '../core/inject/lasting.ts';
import { shown } from '../core/text.ts';
import { subject } from '../core/verdict/message.ts';
import { reasonOf } from '../core/verdict/reasons.ts';
import { loginNamed } from '../core/verdict/vault-login.ts';
import type { Answer } from './answer.ts';
import type { Admission } from './handler.ts';
import type { Judgement } from './judge.ts';
import { isOfJob } from './named-login.ts';

/**
 * An answer that lets the workload run, with a warning where it will outlive its credentials: leases end with their token,
 * and without a sidecar nobody renews it. A Job's pods end by themselves.
 */
export function withEnding(
  answer: Answer,
  { workload, login: named, declaration: { injection } }: Judgement,
  { facts, settings }: Pick<Admission, 'facts' | 'settings'>,
): Answer {
  if (injection === undefined || isOfJob(workload)) return answer;
  const connection = settings.vaults[injection.vault];
  if (connection === undefined || !isLeftToEnd(injection, connection)) return answer;
  const held = facts.vault(workload.account);
  const login = named && held && loginNamed(held, named);
  const seconds = login?.terms.ttlSeconds;
  const after = seconds === undefined ? '' : ` (${seconds} s)`;
  const { sentence, next } = reasonOf(REASON);
  const warning = shown(`${subject(workload)}: ${sentence}${after}: ${next}`, 250);
  return { ...answer, codes: [...answer.codes, REASON], warnings: [...(answer.warnings ?? []), warning] };
}

const REASON = 'VaultLeaseOutlivesToken';
