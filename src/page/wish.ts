import { lastRefused } from '../core/verdict/last-refusal.ts';
import { isWaivable, waivableChecks } from '../core/verdict/waivable.ts';
import type { GrantWish, StoredDenial } from '../desk/desk.ts';

type Finding = StoredDenial['spec']['findings'][number];

/** What stands in the way, and the policy let grants waive. */
export function waivable(denial: StoredDenial): readonly Finding[] {
  const { findings, mayWaive } = lastRefused(denial);
  return findings.filter((finding) => isWaivable(finding, mayWaive));
}

/** No more than the chosen scopes take; what has no scope is waived whole. */
export function checksFor(findings: readonly Finding[], scopes: readonly string[]): GrantWish['checks'] {
  const wanted = findings.filter(({ scope }) => scope === undefined || scopes.includes(scope));
  return [...waivableChecks(wanted)];
}
