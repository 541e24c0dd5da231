/** The two tiers of `npm run test:cluster`, which are vitest's projects of the same names. */
export type Tier = 'cluster' | 'node';

const all: readonly Tier[] = ['cluster', 'node'];

/** Those that `--project=` names, else those of the test files that are named, else both. */
export function tiersOf(args: readonly string[]): readonly Tier[] {
  const chosen = all.filter((tier) => args.includes(`--project=${tier}`));
  const named = all.filter((tier) => args.some((arg) => isIn(tier, arg)));
  return [chosen, named, all].find((tiers) => tiers.length > 0) ?? all;
}

function isIn(tier: Tier, arg: string): boolean {
  return new RegExp(`(^|/)test/${tier}(/|$)`, 'u').test(arg);
}
