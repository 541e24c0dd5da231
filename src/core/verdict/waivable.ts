import { WAIVABLE_CHECKS, type WaivableCheck } from './policy.ts';

/** A finding, as it is judged or as a Denial has it. */
interface Acted {
  readonly check: string;
  readonly action: string;
  readonly undetermined?: boolean | undefined;
}

/**
 * May a grant waive it? Only what refuses and is proved; what is forbidden never.
 * @param mayWaive what the policy lets grants waive; absent: that is not known, and any check that a policy could.
 */
export function isWaivable<T extends Acted>(
  finding: T,
  mayWaive: readonly string[] = WAIVABLE_CHECKS,
): finding is T & { readonly check: WaivableCheck } {
  const { check, action, undetermined } = finding;
  return (
    action === 'Deny' &&
    undetermined !== true &&
    mayWaive.includes(check) &&
    WAIVABLE_CHECKS.some((one) => one === check)
  );
}

/** The checks of what a grant may waive, each once and in one order. */
export function waivableChecks(
  findings: readonly Acted[],
  mayWaive?: readonly string[],
): readonly WaivableCheck[] {
  const waivable = findings.filter((finding) => isWaivable(finding, mayWaive));
  return WAIVABLE_CHECKS.filter((check) => waivable.some((finding) => finding.check === check));
}

export const MEND_MANIFEST = 'correct that in the manifest, and apply it again';

/** Nothing but how it was asked for: no role and no waiver mends that, only what the person wrote. */
export function isOfManifest(findings: readonly Pick<Acted, 'check'>[]): boolean {
  return findings.length > 0 && findings.every(({ check }) => check === 'request');
}
