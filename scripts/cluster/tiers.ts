/** The two tiers of `npm run test:cluster`, which are vitest's projects of the same names. */
export type Tier = 'cluster' | 'node';

const all: readonly Tier[] = ['cluster', 'node'];

/** Those of the test files that are named, both when none is named. */
export function tiersOf(args: readonly string[]): readonly Tier[] {
  const named = all.filter((tier) => args.some((arg) => isIn(tier, arg)));
  return named.length === 0 ? all : named;
}

function isIn(tier: Tier, arg: string): boolean {
  return new RegExp(`(^|/)test/${tier}(/|$)`, 'u').test(arg);
}
