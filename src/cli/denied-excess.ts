import type { JudgedAccount } from '../admit/by-account.ts';
import type { Judgement } from '../admit/judge.ts';
import { covered, type PlacedRule, ruleOf } from '../core/scope/covers.ts';
import { printScope } from '../core/scope/print.ts';
import type { Scope } from '../core/scope/scope.ts';
import type { ActedFinding } from '../core/verdict/decision.ts';
import { kubernetesOnly } from '../core/verdict/verdict.ts';
import type { StoredDenial } from '../desk/desk.ts';
import { recordedScopes } from './denied-claim.ts';

/**
 * What of an excess is taken away for a denial. Forms of a workload that differ in their needs are refused under one id
 * where the same is found of them, and a Denial has the needs of the last. So only what the policy acted on goes: that is in
 * the id, and no form of it needs it; but of a wildcard only what is recorded is kept.
 */

type Mendable = Pick<JudgedAccount, 'verdict' | 'decision'>;

/** Without all its needs nobody can say what is too much. @param whole they are known, and something else is not. */
export function withoutExcess({ verdict, decision }: Judgement, whole: boolean): Mendable {
  const findings = verdict.findings.filter(isNoExcess);
  const acted = whole
    ? decision.findings.filter(isNoExcess)
    : findings.map((finding): ActedFinding => ({ ...finding, action: 'Deny' }));
  return { verdict: { findings }, decision: { findings: acted } };
}

/** @param denial that is not what would be said of it now: then only what it found goes. */
export function withExcess({ verdict, decision }: Judgement, denial: StoredDenial | undefined): Mendable {
  const acted = decision.findings.filter(isProvedExcess);
  const excess = denial === undefined ? acted : within(excessIn(denial), acted);
  return {
    verdict: { findings: [...verdict.findings.filter(isNotProved), ...excess] },
    decision: { findings: [...decision.findings.filter(isNotProved), ...excess] },
  };
}

/**
 * What the policy leaves alone: part of a wildcard, or of a rule for all names, that goes. It stays, since another form that is
 * refused under the same id may need it.
 */
export function sparedExcess({ verdict, decision }: Judgement): readonly Scope[] {
  const gone = new Set(
    decision.findings.filter(isProvedExcess).map(({ scope }) => scope && printScope(scope)),
  );
  return verdict.findings
    .filter(isProvedExcess)
    .flatMap(({ scope }) => (scope === undefined || gone.has(printScope(scope)) ? [] : [scope]));
}

/** As it is judged, or as a Denial has it. */
interface Found {
  readonly check: string;
  readonly undetermined?: boolean | undefined;
}

function isNoExcess({ check }: Found): boolean {
  return check !== 'excess';
}

function isNotProved(finding: Found): boolean {
  return !isProvedExcess(finding);
}

function isProvedExcess({ check, undetermined }: Found): boolean {
  return check === 'excess' && undetermined !== true;
}

function within(found: readonly PlacedRule[], acted: readonly ActedFinding[]): readonly ActedFinding[] {
  return acted.flatMap((finding) =>
    kubernetesOnly(finding.scope === undefined ? [] : [finding.scope])
      .flatMap((scope) => covered(found, scope))
      .map((scope) => ({ ...finding, scope })),
  );
}

/** What can't be read any more stays. */
function excessIn({ spec }: StoredDenial): readonly PlacedRule[] {
  const lines = spec.findings.filter(isProvedExcess).flatMap(({ scope }) => scope ?? []);
  return kubernetesOnly(lines.flatMap(recordedScopes)).map(ruleOf);
}
