import type { GrantWish, StoredDenial } from '../desk/desk.ts';

type Finding = StoredDenial['spec']['findings'][number];
type Check = GrantWish['checks'][number];

/** Those that a grant can waive (WAIVABLE_CHECKS of core/verdict/policy.ts; `satisfies` keeps them the same). */
const WAIVABLE = { excess: true, missing: true, overreach: true, undeclared: true } satisfies Record<
  Check,
  true
>;

function isWaivable(check: string): check is Check {
  return Object.hasOwn(WAIVABLE, check);
}

/** What stands in the way and can be waived: not a mere warning. */
export function waivable({ spec }: StoredDenial): readonly Finding[] {
  return spec.findings.filter(({ check, action }) => action === 'Deny' && isWaivable(check));
}

/** No more than the chosen scopes take; what has no scope is waived whole. */
export function checksFor(findings: readonly Finding[], scopes: readonly string[]): GrantWish['checks'] {
  const wanted = findings.filter(({ scope }) => scope === undefined || scopes.includes(scope));
  return [...new Set(wanted.map(({ check }) => check).filter(isWaivable))];
}
