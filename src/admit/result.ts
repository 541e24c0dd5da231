import type { Judgement } from './judge.ts';

/** One word for a judgement; `invalid`: its declaration can't be read, `unknown`: nothing of it is proved. */
export type Result = 'pass' | 'warn' | 'deny' | 'unknown' | 'invalid';

export function resultOf({ problems, decision }: Pick<Judgement, 'problems' | 'decision'>): Result {
  if (problems.length > 0) return 'invalid';
  if (decision.outcome === 'deny') return 'deny';
  if (decision.findings.length === 0) return 'pass';
  return decision.findings.every(({ undetermined }) => undetermined) ? 'unknown' : 'warn';
}
